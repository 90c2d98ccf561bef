"""Checks shared by the append-only and engine-written models."""

from odoo.exceptions import AccessError


def refuse_protected(records, vals, protected):
    """Refuse values that only the engine may set.

    A readonly field is readonly in views alone; over RPC anybody with write access
    could set it. The engine writes as superuser.

    :param records: the records being created or written
    :param dict vals: the incoming values
    :param set protected: names of the fields only the engine may set
    :raise AccessError: naming the fields, unless the caller is superuser
    """
    refused = protected & vals.keys()
    if refused and not records.env.su:
        labels = [
            records._fields[name]._description_string(records.env)
            for name in sorted(refused)
        ]
        raise AccessError(
            records.env._(
                "%(fields)s is recorded by the system and cannot be set by hand.",
                fields=", ".join(labels),
            )
        )

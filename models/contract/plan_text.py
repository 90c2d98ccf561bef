"""When an instalment is due, in words a customer understands."""

from odoo.tools import format_date


def delay_in_words(env, months, days):
    """``2 months and 10 days``; empty without a delay.

    :param env: of the language to speak
    """
    parts = []
    if months:
        parts.append(env._("1 month") if months == 1 else env._("%s months", months))
    if days:
        parts.append(env._("1 day") if days == 1 else env._("%s days", days))
    if len(parts) == 2:
        return env._("%(months)s and %(days)s", months=parts[0], days=parts[1])
    return "".join(parts)


def when_in_words(env, trigger, months=0, days=0, day=None):
    """When an instalment is due: “30 days after delivery”.

    :param env: of the language to speak
    :param str trigger: what it waits for
    :param int months: after the trigger
    :param int days: after the trigger, on top of the months
    :param date day: of an instalment on a date; without one, it counts from the order
    """
    if trigger == "date" and day:
        return env._("On %s", format_date(env, day))
    delay = delay_in_words(env, months, days)
    if not delay:
        return {
            "date": env._("On the day of the order"),
            "signing": env._("On signing"),
            "delivery": env._("On delivery"),
            "acceptance": env._("On acceptance"),
            "invoice": env._("With the invoice before it"),
        }[trigger]
    return {
        "date": env._("%s after the order", delay),
        "signing": env._("%s after signing", delay),
        "delivery": env._("%s after delivery", delay),
        "acceptance": env._("%s after acceptance", delay),
        "invoice": env._("%s after the invoice before it", delay),
    }[trigger]

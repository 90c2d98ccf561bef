"""The rules that keep the parts of the addon apart, checked on the loaded registry.

Convention for tests of record rules: a test class says which models' rules it checks,
``rule_tested_models = {"sales.process", "sales.evidence"}``. Every stored model of the
addon has to be named by at least one class, or stand in :data:`WITHOUT_RULE`.
"""

import ast
import importlib
import tokenize
from collections import Counter, defaultdict
from pathlib import Path

from odoo import fields
from odoo.tests import BaseCase, TransactionCase, loader, tagged

MODULE = "sales_process"
ROOT = Path(__file__).resolve().parents[2]
PACKAGE = f"odoo.addons.{MODULE}"

# Low to high: a layer may use what stands before it, never what stands after it.
LAYERS = (
    "base",
    "process",
    "pipeline",
    "customer",
    "intake",
    "approval",
    "contract",
    "credit",
    "target",
    "forecast",
    "performance",
    "activity",
    "team",
    "cockpit",
)
# In these folders the first word of the file name tells the layer.
FLAT_FOLDERS = ("wizards", "report", "controllers")

# Stored models that need no record rule, each with the reason why everybody whom the
# access list lets in may see every record.
WITHOUT_RULE = {
    "sales.metric": "a definition is the same for everybody",
    "sales.territory.assignment": "directors alone may read it, and it names nobody",
    "sales.credit.audit": "directors alone may read it, and it names no document",
}


def python_files(*folders):
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def layer_of(path):
    """The layer a file of the addon belongs to; None for a package's own file."""
    folder, *rest = path.relative_to(ROOT).parts
    if path.name == "__init__.py" and len(rest) == 1:
        return None
    return rest[0] if folder == "models" else layer_prefix(rest[-1])


def layer_prefix(name):
    return name.removesuffix(".py").split("_")[0]


def layer_of_class(definition):
    _package, folder, *rest = definition.__module__.removeprefix("odoo.addons").split(
        "."
    )[1:]
    return rest[0] if folder == "models" else layer_prefix(rest[-1])


def rank(layer):
    return LAYERS.index(layer) if layer in LAYERS else len(LAYERS)


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def place(path, node):
    return f"{path.relative_to(ROOT)}:{node.lineno}"


class StructureCase:
    def assertNone(self, offences, rule):
        """Fail with a list of places, after the rule they break."""
        if offences:
            self.fail("".join([rule, *(f"\n  - {offence}" for offence in offences)]))


@tagged("post_install", "-at_install")
class TestFiles(StructureCase, BaseCase):
    """Rules that the source files alone can break."""

    def test_every_test_file_is_collected(self):
        """A test file that no package imports is silently not run."""
        on_disk = {path.resolve() for path in (ROOT / "tests").rglob("test_*.py")}
        collected = {
            Path(module.__file__).resolve()
            for module in loader.get_test_modules(MODULE)
        }
        self.assertNone(
            sorted(str(path.relative_to(ROOT)) for path in on_disk ^ collected),
            "Not both on disk and collected; import each in its folder's __init__.py,"
            " and star-import the folder in tests/__init__.py:",
        )

    def test_test_file_names_are_unique(self):
        """Star imports put all of them into one name space."""
        names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
        self.assertNone(
            sorted(name for name, count in names.items() if count > 1),
            "Test files need names that are unique in the whole addon:",
        )

    def test_every_file_has_a_layer(self):
        """The other rules can only judge files whose layer is known."""
        files = [path for path in python_files("models", *FLAT_FOLDERS)]
        unknown = [
            path.relative_to(ROOT)
            for path in files
            if path.name != "__init__.py" and layer_of(path) not in LAYERS
        ]
        self.assertNone(
            unknown,
            "Models live in a layer's folder, and names of wizards, reports and"
            " controllers begin with a layer:",
        )

    def test_no_upward_import(self):
        offences = []
        for path in python_files("models"):
            layer = layer_of(path)
            for node in ast.walk(parse(path)):
                for target in self._imported_layers(path, node):
                    if layer and rank(target) > rank(layer):
                        offences.append(f"{place(path, node)} imports {target}")
        self.assertNone(offences, "A layer may import only from lower layers:")

    @staticmethod
    def _imported_layers(path, node):
        """Layers of this addon that an import statement reaches for."""
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                package = [PACKAGE, *path.relative_to(ROOT).parent.parts]
                package = package[: len(package) - node.level + 1]
                module = ".".join([*package, *filter(None, [module])])
            modules = [f"{module}.{alias.name}" for alias in node.names]
        else:
            return
        for module in modules:
            words = module.removeprefix(f"{PACKAGE}.").split(".")
            if module.startswith(f"{PACKAGE}.models.") and words[1] in LAYERS:
                yield words[1]

    def test_no_plain_sql(self):
        """SQL goes through ``SQL(...)``, which keeps values out of the text."""
        offences = [
            place(path, node)
            for path in python_files("models", "migrations", *FLAT_FOLDERS)
            for node in ast.walk(parse(path))
            if isinstance(node, ast.Call)
            and getattr(node.func, "attr", "") in ("execute", "execute_query")
            and node.args
            and self._is_text(node.args[0])
        ]
        self.assertNone(offences, "Give SQL(...) to execute, not a string:")

    @staticmethod
    def _is_text(node):
        """A literal, an f-string, or text put together with + or % or format()."""
        if isinstance(node, ast.Call):
            return getattr(node.func, "attr", "") == "format"
        return isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp)

    def test_sudo_says_why(self):
        """Every step past the access rights carries a comment."""
        offences = []
        for path in python_files("models", *FLAT_FOLDERS):
            with path.open("rb") as file:
                commented = {
                    token.start[0]
                    for token in tokenize.tokenize(file.readline)
                    if token.type == tokenize.COMMENT
                }
            offences += [
                place(path, call)
                for first, call in self._sudo_calls(parse(path))
                if not commented & set(range(first - 1, call.end_lineno + 1))
            ]
        self.assertNone(
            offences, "sudo() needs a comment in its statement or on the line above:"
        )

    @classmethod
    def _sudo_calls(cls, node, statement=None):
        """Every ``.sudo()`` with the first line of the statement it stands in."""
        if isinstance(node, ast.stmt):
            statement = node.lineno
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "sudo"
            and not any(getattr(arg, "value", None) is False for arg in node.args)
        ):
            yield statement, node
        for child in ast.iter_child_nodes(node):
            yield from cls._sudo_calls(child, statement)


@tagged("post_install", "-at_install")
class TestRegistry(StructureCase, TransactionCase):
    """Rules that need the models as Odoo has put them together."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        registry = cls.env.registry
        # Of every model we define or extend: our classes, the defining one last.
        cls.definitions = {}
        for name, model in registry.items():
            ours = [base for base in model._base_classes__ if cls._is_ours(base)]
            if ours:
                cls.definitions[name] = ours
        cls.own_models = {
            name
            for name in cls.definitions
            if registry[name]._original_module == MODULE
        }
        cls.layers = {
            name: layer_of_class(cls.definitions[name][-1]) for name in cls.own_models
        }
        cls.stored_models = {
            name
            for name in cls.own_models
            if not registry[name]._abstract and not registry[name]._transient
        }

    @staticmethod
    def _is_ours(definition):
        return definition.__module__.startswith(f"{PACKAGE}.")

    def _our_fields(self):
        """(model, class, name of the field) of every field our classes define."""
        for model, definitions in self.definitions.items():
            for definition in definitions:
                for name, value in vars(definition).items():
                    if isinstance(value, fields.Field):
                        yield model, definition, name

    def test_own_models_have_our_prefix(self):
        self.assertNone(
            sorted(name for name in self.own_models if not name.startswith("sales.")),
            "Names of our models begin with 'sales.':",
        )

    def test_fields_on_core_models_have_our_prefix(self):
        """Other addons extend the same models; equal names would destroy both."""
        offences = []
        for model, _definition, name in self._our_fields():
            if model in self.own_models:
                continue
            core = any(
                name in vars(base)
                for base in self.env.registry[model]._model_classes__
                if not self._is_ours(base)
            )
            bare = name
            if model == "res.config.settings":
                for word in ("group_", "module_", "default_"):
                    bare = bare.removeprefix(word)
            if not core and not bare.startswith("sales_"):
                offences.append(f"{model}.{name}")
        self.assertNone(
            sorted(offences), "Fields we add to others' models begin with 'sales_':"
        )

    def test_no_upward_field(self):
        offences = []
        for model, definition, name in self._our_fields():
            comodel = self.env.registry[model]._fields[name].comodel_name
            layer = layer_of_class(definition)
            if comodel in self.layers and rank(self.layers[comodel]) > rank(layer):
                target = f"{comodel} ({self.layers[comodel]})"
                offences.append(f"{model}.{name} ({layer}) points to {target}")
        self.assertNone(offences, "A field may point only to lower layers:")

    def test_no_upward_model_name(self):
        """Code that names a model uses it, be it by ``env[...]`` or in an action."""
        offences = []
        for path in python_files("models", *FLAT_FOLDERS):
            layer = layer_of(path)
            for node in ast.walk(parse(path)):
                owner = isinstance(node, ast.Constant) and self.layers.get(
                    node.value if isinstance(node.value, str) else None
                )
                if owner and layer and rank(owner) > rank(layer):
                    offences.append(f"{place(path, node)} names {node.value} ({owner})")
        self.assertNone(offences, "A layer may name only models of lower layers:")

    def test_one_override_per_core_model(self):
        """Capabilities hook into ``_sales_*`` methods, so import order is no matter."""
        overrides = defaultdict(list)
        for model in self.definitions.keys() - self.own_models:
            for base in self._our_classes_of(model):
                for method in {"create", "write", "unlink"} & vars(base).keys():
                    overrides[model, method].append(base.__module__)
        self.assertNone(
            sorted(
                f"{model}.{method}: {', '.join(modules)}"
                for (model, method), modules in overrides.items()
                if len(modules) > 1
            ),
            "At most one override of create, write and unlink per core model:",
        )

    def _our_classes_of(self, model):
        """Our classes behind a model, with those of our mixins it inherits."""
        for base in self.env.registry[model]._base_classes__:
            if self._is_ours(base):
                yield base
            elif getattr(base, "_name", None) in self.own_models:
                yield from self._our_classes_of(base._name)

    def test_every_model_has_access_lines(self):
        access = self.env["ir.model.access"].search([("active", "=", True)])
        covered = set(access.model_id.mapped("model"))
        self.assertNone(
            sorted(
                name
                for name in self.own_models - covered
                if not self.env.registry[name]._abstract
            ),
            "Models without a line in ir.model.access.csv:",
        )

    def test_every_model_has_a_record_rule(self):
        rules = self.env["ir.rule"].search([("active", "=", True)])
        covered = set(rules.model_id.mapped("model"))
        self.assertNone(
            sorted(self.stored_models - covered - WITHOUT_RULE.keys()),
            "Models without a record rule and without a reason in WITHOUT_RULE:",
        )
        self.assertNone(
            sorted(WITHOUT_RULE.keys() - (self.stored_models - covered)),
            "In WITHOUT_RULE without need:",
        )

    def test_every_record_rule_is_tested(self):
        tested = set()
        for module in loader.get_test_modules(MODULE):
            for value in vars(importlib.import_module(module.__name__)).values():
                if isinstance(value, type) and value.__module__ == module.__name__:
                    tested |= set(vars(value).get("rule_tested_models", ()))
        self.assertNone(
            sorted(tested - self.env.registry.models.keys()),
            "rule_tested_models names models that do not exist:",
        )
        self.assertNone(
            sorted(self.stored_models - tested - WITHOUT_RULE.keys()),
            "No test class names these models in its rule_tested_models:",
        )

"""Where a module can be changed, and into what: one method for each kind of node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import libcst as cst
from libcst import matchers as m
from libcst.metadata import ParentNodeProvider

COMPARISONS: dict[type[cst.BaseCompOp], cst.BaseCompOp] = {
    cst.Equal: cst.NotEqual(),
    cst.NotEqual: cst.Equal(),
    cst.LessThan: cst.LessThanEqual(),
    cst.LessThanEqual: cst.LessThan(),
    cst.GreaterThan: cst.GreaterThanEqual(),
    cst.GreaterThanEqual: cst.GreaterThan(),
    cst.Is: cst.IsNot(),
    cst.IsNot: cst.Is(),
    cst.In: cst.NotIn(),
    cst.NotIn: cst.In(),
}
BOUNDARIES = (cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual)
ARITHMETIC: dict[type[cst.BaseBinaryOp], cst.BaseBinaryOp] = {
    cst.Add: cst.Subtract(),
    cst.Subtract: cst.Add(),
    cst.Multiply: cst.Divide(),
    cst.Divide: cst.Multiply(),
    cst.FloorDivide: cst.Multiply(),
    cst.Modulo: cst.Multiply(),
    cst.BitAnd: cst.BitOr(),
    cst.BitOr: cst.BitAnd(),
}
OPPOSITES = {"any": "all", "all": "any", "min": "max", "max": "min"}
REQUIRED = {"anomaly", "sentence"}
"""Arguments of the kit that have no default: a call without one always raises."""

WRAPPERS = {"sorted", "bool", "str", "set", "list", "tuple", "frozenset", "dict", "reversed"}
"""Builtins whose argument could stand there alone; classes of the project wrap as well."""

UNREAD = m.OneOf(
    m.Call(func=m.Attribute(value=m.Name("logger"))),
    m.Call(func=m.Name("cast") | m.Name("TypeVar")),
    m.Call(func=m.Attribute(attr=m.Name("getLogger"))),
)
DISPLAY = m.OneOf(m.SimpleString(), m.FormattedString(), m.ConcatenatedString(), m.List(), m.Tuple(), m.Dict())
CONSTANT = m.Name("None") | m.Name("True") | m.Name("False")
T = TypeVar("T")
TRUE, FALSE = cst.Name("True"), cst.Name("False")
LEFT, RIGHT = [cst.LeftParen()], [cst.RightParen()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One place, and what is to stand there instead."""

    operator: str
    within: str
    old: cst.CSTNode
    new: cst.CSTNode


class Sites(cst.CSTVisitor):
    """Collects the places of a module."""

    METADATA_DEPENDENCIES = (ParentNodeProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Site] = []
        self._within: list[str] = []

    def _site(self, operator: str, old: cst.CSTNode, new: cst.CSTNode) -> None:
        if isinstance(old, cst.BaseExpression) and isinstance(new, cst.BaseExpression) and old.lpar and not new.lpar:
            new = new.with_changes(lpar=old.lpar, rpar=old.rpar)
        self.found.append(Site(operator=operator, within=".".join(self._within), old=old, new=new))

    def _parent(self, node: cst.CSTNode) -> cst.CSTNode:
        parent: cst.CSTNode = self.get_metadata(ParentNodeProvider, node)
        return parent

    # What is left alone

    def leave_alone(self, node: cst.CSTNode) -> bool:
        """Look for nothing in a node, and in what it holds."""
        return False

    visit_Annotation = leave_alone  # types decide nothing
    visit_Import = visit_ImportFrom = leave_alone  # without it nothing runs
    visit_Decorator = leave_alone  # the function loses its decorators as a whole
    visit_Assert = leave_alone  # it says what cannot be otherwise
    visit_FormattedString = leave_alone  # made for people, or a name that only must be the same everywhere
    visit_ConcatenatedString = leave_alone  # long text is wording

    def visit_Assign(self, node: cst.Assign) -> bool:
        """Leave an alias of a type and a list of public names alone."""
        alone = isinstance(self._parent(self._parent(node)), cst.Module)
        return not (alone and m.matches(node.value, m.Subscript())) and not m.matches(
            node, m.Assign(targets=[m.AssignTarget(m.Name("__all__"))])
        )

    def visit_Expr(self, node: cst.Expr) -> bool:
        """Leave a text that stands alone: it is a docstring."""
        return not m.matches(node.value, m.SimpleString() | m.ConcatenatedString())

    # What is walked through

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        """Remove decorators."""
        self._within.append(node.name.value)
        self._decorators(node)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        """Go on outside."""
        self._within.pop()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Remove decorators."""
        self._within.append(node.name.value)
        self._decorators(node)

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        """Go on outside."""
        self._within.pop()

    def _decorators(self, node: cst.ClassDef | cst.FunctionDef) -> None:
        for decorator in node.decorators:
            left = [one for one in node.decorators if one is not decorator]
            self._site("decorator", node, node.with_changes(decorators=left))

    # Statements

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        """Remove what does something, unless an ``if`` around it that is never true does the same."""
        if len(node.body) != 1 or self._sole(node):
            return
        nothing = node.with_changes(body=[cst.Pass()])
        match node.body[0]:
            case cst.Expr(value) if not m.matches(value, m.SimpleString() | m.ConcatenatedString() | UNREAD):
                self._site("statement", node, nothing)
            case cst.AugAssign() | cst.Del():
                self._site("statement", node, nothing)
            case cst.Assign(targets=[cst.AssignTarget(cst.Attribute() | cst.Subscript())], value=value):
                if not m.matches(value, CONSTANT):
                    self._site("statement", node, nothing)
            case cst.AnnAssign(target=cst.Attribute(), value=value) if value and not m.matches(value, CONSTANT):
                self._site("statement", node, nothing)
            case cst.Raise():
                self._site("raise", node, nothing)
            case cst.Return(value=None) if not self._last(node):
                self._site("return", node, nothing)

    def _sole(self, node: cst.BaseStatement) -> bool:
        block = self._parent(node)
        around = self._parent(block) if isinstance(block, cst.IndentedBlock) else block
        return (
            isinstance(block, cst.IndentedBlock)
            and isinstance(around, cst.If)
            and around.body is block
            and around.orelse is None
            and len(block.body) == 1
        )

    def _last(self, node: cst.BaseStatement) -> bool:
        block = self._parent(node)
        return (
            isinstance(block, cst.IndentedBlock)
            and isinstance(self._parent(block), cst.FunctionDef)
            and block.body[-1] is node
        )

    def visit_Return(self, node: cst.Return) -> None:
        """Return nothing."""
        if node.value is not None and not m.matches(node.value, CONSTANT):
            self._site("return", node, node.with_changes(value=cst.Name("None")))

    def visit_If(self, node: cst.If) -> bool:
        """Take one way always."""
        if m.matches(node.test, m.Name("TYPE_CHECKING")):
            return False
        self._condition(node.test)
        return True

    def visit_While(self, node: cst.While) -> None:
        """Never begin; the other way would never end."""
        self._site("condition", node.test, FALSE)

    def visit_With(self, node: cst.With) -> None:
        """Do it without what is around it."""
        if all(item.asname is None for item in node.items):
            self._site("with", node, cst.If(TRUE, node.body, leading_lines=node.leading_lines))

    def visit_Try(self, node: cst.Try) -> None:
        """Let an exception pass."""
        for handler in node.handlers:
            let_pass = handler.with_changes(body=cst.IndentedBlock([cst.SimpleStatementLine([cst.Raise()])]))
            self._site("except", handler, let_pass)
            if handler.type is not None and isinstance(handler.type, cst.Tuple):
                for kept in _one_less(handler.type.elements):
                    self._site("except", handler.type, handler.type.with_changes(elements=kept))

    def visit_Match(self, node: cst.Match) -> None:
        """Leave a case out, and take a guard for true."""
        for case, left in zip(node.cases, _one_less(node.cases), strict=True):
            if len(node.cases) > 1:
                self._site("case", node, node.with_changes(cases=left))
            if case.guard is not None:
                self._site("condition", case.guard, TRUE)

    def visit_MatchOr(self, node: cst.MatchOr) -> None:
        """Leave an alternative out."""
        for left in _one_less(node.patterns):
            kept = [*left[:-1], left[-1].with_changes(separator=cst.MaybeSentinel.DEFAULT)]
            self._site("case", node, kept[0].pattern if len(kept) == 1 else node.with_changes(patterns=kept))

    # Expressions

    def _condition(self, test: cst.BaseExpression) -> None:
        if not m.matches(test, CONSTANT):
            self._site("condition", test, TRUE)
            self._site("condition", test, FALSE)

    def _decides(self, node: cst.BaseExpression) -> bool:
        """Tell whether a node as a whole is a condition, and so has been made True and False."""
        parent = self._parent(node)
        return isinstance(parent, cst.If | cst.IfExp | cst.CompIf) and parent.test is node

    def visit_IfExp(self, node: cst.IfExp) -> None:
        """Take one way always."""
        self._condition(node.test)

    def visit_CompIf(self, node: cst.CompIf) -> None:
        """Take everything, or nothing."""
        self._condition(node.test)

    def visit_Comparison(self, node: cst.Comparison) -> None:
        """Turn it round, or move a boundary."""
        for target in node.comparisons:
            operator = target.operator
            twin = len(node.comparisons) == 1 and self._decides(node) and not isinstance(operator, BOUNDARIES)
            if type(operator) in COMPARISONS and not twin:
                self._site("comparison", operator, COMPARISONS[type(operator)])

    def visit_BooleanOperation(self, node: cst.BooleanOperation) -> None:
        """Ask for one where both were asked for, and for both where one was."""
        other = cst.Or() if isinstance(node.operator, cst.And) else cst.And()
        spaced = other.with_changes(
            whitespace_before=node.operator.whitespace_before, whitespace_after=node.operator.whitespace_after
        )
        self._site("boolean", node.operator, spaced)

    def visit_UnaryOperation(self, node: cst.UnaryOperation) -> None:
        """Leave a ``not`` out."""
        if isinstance(node.operator, cst.Not) and not self._decides(node):
            self._site("boolean", node, node.expression)

    def visit_BinaryOperation(self, node: cst.BinaryOperation) -> None:
        """Calculate otherwise; what joins texts and lists could not."""
        texts = m.matches(node.left, DISPLAY) or m.matches(node.right, DISPLAY)
        if type(node.operator) in ARITHMETIC and not texts and not self._types(node):
            self._site("arithmetic", node.operator, ARITHMETIC[type(node.operator)])

    def _types(self, node: cst.BinaryOperation) -> bool:
        parent = self._parent(node)  # as in isinstance(x, str | None)
        return isinstance(node.operator, cst.BitOr) and isinstance(parent, cst.Arg | cst.BinaryOperation | cst.Assign)

    def visit_Call(self, node: cst.Call) -> bool:
        """Leave an argument out, take what is wrapped, or ask for the opposite."""
        if m.matches(node, UNREAD):
            return False
        for arg, left in zip(node.args, _one_less(node.args), strict=True):
            if arg.keyword is not None and arg.keyword.value not in REQUIRED:
                self._site("argument", node, node.with_changes(args=left))
        name = node.func.value if isinstance(node.func, cst.Name) else ""
        if name in OPPOSITES:
            self._site("opposite", node.func, cst.Name(OPPOSITES[name]))
        single = len(node.args) == 1 and node.args[0].keyword is None and not node.args[0].star
        wraps = name in WRAPPERS or name[:1].isupper()
        if single and wraps and not isinstance(self._parent(node), cst.Await | cst.Raise | cst.Expr):
            inner = node.args[0].value
            same = name == "frozenset" and isinstance(inner, cst.Set)  # one that nobody changes
            if not isinstance(inner, cst.GeneratorExp) and not same:  # whose parentheses are the call's own
                plain = isinstance(inner, cst.Name | cst.Attribute | cst.Call) or inner.lpar
                self._site("wrapper", node, inner if plain else inner.with_changes(lpar=LEFT, rpar=RIGHT))
        return True

    def visit_List(self, node: cst.List) -> None:
        """Leave an element out."""
        self._elements(node)

    def visit_Set(self, node: cst.Set) -> None:
        """Leave an element out; an empty pair of braces would be a dict."""
        if len(node.elements) > 1:
            self._elements(node)

    def visit_Tuple(self, node: cst.Tuple) -> None:
        """Leave an element out, where it is a collection rather than several values."""
        parent = self._parent(node)
        if node.lpar and len(node.elements) > 1 and not isinstance(parent, cst.ExceptHandler | cst.Index):
            self._elements(node)

    def _elements(self, node: cst.List | cst.Set | cst.Tuple) -> None:
        for left in _one_less(node.elements):
            self._site("element", node, node.with_changes(elements=left))

    def visit_Dict(self, node: cst.Dict) -> None:
        """Leave an entry out."""
        for left in _one_less(node.elements):
            self._site("element", node, node.with_changes(elements=left))

    # Constants

    def visit_Name(self, node: cst.Name) -> None:
        """Turn a truth value round."""
        if node.value in ("True", "False"):
            self._site("constant", node, FALSE if node.value == "True" else TRUE)

    def visit_Integer(self, node: cst.Integer) -> None:
        """Count one further."""
        self._site("constant", node, cst.Integer(str(node.evaluated_value + 1)))

    def visit_Float(self, node: cst.Float) -> None:
        """Count one further."""
        self._site("constant", node, cst.Float(str(node.evaluated_value + 1)))

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        """Say nothing, or something where nothing is said; what holds a space is wording.

        An entry of a dict is taken away as a whole, and what is looked up by a name, as in ``event["id"]``, would fail
        for any other name as it does without an entry. What stands for nothing, as in ``text or ""``, is there for its
        type: to say something there differs only for who looks for those very letters.
        """
        value = node.evaluated_value
        held = value.decode("latin-1") if isinstance(value, bytes) else value
        parent = self._parent(node)
        stands_for_nothing = not held and m.matches(parent, m.BooleanOperation(operator=m.Or(), right=m.SimpleString()))
        if " " in held or stands_for_nothing or isinstance(parent, cst.DictElement | cst.Index):
            return
        said = "" if held else "XX"
        self._site("constant", node, cst.SimpleString(f"{node.prefix}{node.quote}{said}{node.quote}"))


def _one_less(items: Sequence[T]) -> list[list[T]]:
    """Return the items without the first, without the second, and so on."""
    return [[*items[:index], *items[index + 1 :]] for index in range(len(items))]

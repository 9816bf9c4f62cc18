"""What mutants are made of a text, and what is left alone."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.mutants.mutate import Mutant, difference, mutants


def made(text: str) -> list[tuple[str, str, str]]:
    """Return the operator and the changed lines of each mutant."""
    return [(one.operator, one.before, one.after) for one in mutants(dedent(text), "a.py")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x = a == b", ["x = a != b"]),
        ("x = a < b", ["x = a <= b"]),
        ("x = a <= b < c", ["x = a < b < c", "x = a <= b <= c"]),
        ("x = a in b", ["x = a not in b"]),
        ("x = a and b", ["x = a or b"]),
        ("x = not a", ["x = a"]),
        ("x = 1", ["x = 2"]),
        ("x = 1.5", ["x = 2.5"]),
        ("x = True", ["x = False"]),
        ('x = "a"', ['x = ""']),
        ('x = ""', ['x = "XX"']),
        ("x = a + b", ["x = a - b"]),
        ("x = any(a)", ["x = all(a)"]),
        ("x = sorted(a)", ["x = a"]),
        ("x = Wrapped(a)", ["x = a"]),
        ("x = f(a, b=c)", ["x = f(a, )"]),
        ("x = [a, b]", ["x = [b]", "x = [a, ]"]),
        ("x = {a: b, **c}", ["x = {**c}", "x = {a: b, }"]),
        ("x = {a, b}", ["x = {b}", "x = {a, }"]),
        ("x = a if b else c", ["x = a if True else c", "x = a if False else c"]),
        ("x = [a for a in b if a.c]", ["x = [a for a in b if True]", "x = [a for a in b if False]"]),
        ("x = (not a) or b", ["x = (a) or b", "x = (not a) and b"]),
        ("f(a)", ["pass"]),
        ("x.y = a", ["pass"]),
        ("x += a", ["pass"]),
        ("raise a", ["pass"]),
    ],
)
def test_what_decides_something_is_changed(line: str, expected: list[str]) -> None:
    """One thing at a time."""
    assert sorted(after for _, _, after in made(f"{line}\n")) == sorted(expected)


@pytest.mark.parametrize(
    "text",
    [
        '"""A docstring."""\n',
        "import a\nfrom b import c\n",
        "from __future__ import annotations\n",
        "x: dict[str, 'int'] = y\n",
        'x = "some words"\n',
        'x = f"{a} {b + 1}"\n',
        '__all__ = ["a"]\n',
        'Word = Literal["a", "b"]\n',
        'logger = logging.getLogger("a")\n',
        'logger.info("a")\n',
        "if TYPE_CHECKING:\n    x = 1\n",
        "assert a == 1\n",
        'x = a["b"]\n',
        "x = self.y\n",
        "x = None\n",
        "x = isinstance(a, str | None)\n",
    ],
)
def test_what_no_test_should_notice_is_left_alone(text: str) -> None:
    """Wording, types, imports and logging."""
    assert made(text) == []


def test_what_stands_for_nothing_is_not_filled() -> None:
    """An empty text that is there for its type; one that is compared with is another matter."""
    assert made('x = a or ""\n') == [("boolean", 'x = a or ""', 'x = a and ""')]
    assert made('x = a == "" or b\n')[-1] == ("constant", 'x = a == "" or b', 'x = a == "XX" or b')


def test_a_set_that_nobody_changes_may_stand_unfrozen() -> None:
    """What a function returns may not."""
    assert {operator for operator, *_ in made("X = frozenset({a, b})\n")} == {"element"}
    assert ("wrapper", "x = frozenset(a())", "x = a()") in made("x = frozenset(a())\n")


def test_a_statement_that_its_condition_switches_off_is_not_removed_as_well() -> None:
    """What notices that an if is never true would notice that too."""
    found = made("""\
        def f(a):
            if a.b == 1:
                raise c
            if a.c:
                d()
                return
            g()
        """)

    assert found == [
        ("condition", "if a.b == 1:", "if True:"),
        ("condition", "if a.b == 1:", "if False:"),
        ("constant", "if a.b == 1:", "if a.b == 2:"),
        ("condition", "if a.c:", "if True:"),
        ("condition", "if a.c:", "if False:"),
        ("statement", "d()", "pass"),
        ("return", "return", "pass"),
        ("statement", "g()", "pass"),
    ]


def test_compound_statements_lose_a_part() -> None:
    """Decorators, context managers, handlers of exceptions and cases."""
    found = made("""\
        @first
        @second
        def f():
            with a():
                b()
            try:
                c()
            except (D, E):
                return g
            match h:
                case "i" | "j":
                    k()
                case _ if m:
                    n()
        """)

    assert ("decorator", "@first", "") in found
    assert ("decorator", "@second", "") in found
    assert ("with", "with a():", "if True:") in found
    assert ("except", "return g", "raise") in found
    assert ("except", "except (D, E):", "except (E,):") in found or ("except", "except (D, E):", "except (E):") in found
    assert ("case", 'case "i" | "j":', 'case "j":') in found
    assert ("case", "case _ if m: n()", "") in found
    assert ("condition", "case _ if m:", "case _ if True:") in found


def test_each_mutant_says_where_it_is() -> None:
    """By the function, and by which of several alike it is; the number of its line is no part of that."""
    first, second = mutants("class A:\n    def b(self):\n        c()\n        c()\n", "a.py")

    assert (first.within, first.line, first.nth) == ("A.b", 3, 1)
    assert (second.within, second.line, second.nth) == ("A.b", 4, 2)
    assert first != second
    assert first == Mutant(file="a.py", within="A.b", operator="statement", before="c()", after="pass", line=99)
    assert second.source == "class A:\n    def b(self):\n        c()\n        pass\n"


def test_the_difference_of_two_texts_is_told_in_one_line() -> None:
    """Whatever stands around it."""
    assert difference("a\n  b\n  c\nd\n", "a\n  x\nd\n") == ("b c", "x")

import subprocess
import sys
from inspect import isclass, isfunction

from channels_conformance import checks


def test_checks_need_nothing_but_the_standard_library() -> None:
    """Importing the checks loads neither Django nor any other installed package."""
    code = (
        "import sys; before = set(sys.modules); import channels_conformance.checks\n"
        "loaded = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(loaded - set(sys.stdlib_module_names)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert loaded.stdout.split() == ["channels_conformance"]


def test_every_anomaly_is_explained() -> None:
    """The table of the package tells what each anomaly means."""
    explained = [line.split()[0] for line in (checks.__doc__ or "").splitlines() if "  " in line.strip()]

    assert [anomaly.value for anomaly in checks.Anomaly] == [word for word in explained if word in set(checks.Anomaly)]


def test_every_public_name_is_explained() -> None:
    """Each function and class offered has a docstring."""
    offered = [getattr(checks, name) for name in checks.__all__]

    assert all(thing.__doc__ for thing in offered if isfunction(thing) or isclass(thing))

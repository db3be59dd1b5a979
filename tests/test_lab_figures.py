"""Minutes, memory and seconds of each lab: counted and measured once, printed in card and README, and never typed."""

import doctest
import json
import re
from dataclasses import replace

import nbformat
import pytest

from llm_workbook.settings import ROOT
from tools import build_labs, lab_figures, run_labs
from tools.lab_figures import FILE, Card, FigureError, Figures, Measured, read_measured, save

CARD = """\
# %% [markdown]
# # 9.1 · A tiny lab: does it work?
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | halve numbers |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | nothing; lab 1.1 explains |

# %% tags=["parameters"]
PROFILE, SEED = "live", 7
"""
PARAMETERS = "\n".join(f"{name} = None" for name in build_labs.PARAMETERS)
SOURCE = (
    CARD.replace('PROFILE, SEED = "live", 7', PARAMETERS)
    + """
# %% [markdown]
# ### Exercise 1
#
# *{{exercise_minutes}} · easy*

# %%
def half(x):
    ### BEGIN SOLUTION
    y = x / 2

    # a comment is not asked for
    return y
    ### END SOLUTION

# %% tags=["solution"]
### BEGIN SOLUTION
more = 1
### END SOLUTION
"""
)
README = "# Title\n<!-- labs -->\nold\n<!-- /labs -->\n<!-- tracks -->\n<!-- /tracks -->\nend\n"
SOURCES = sorted((ROOT / "solutions").rglob("*.py"))


def project(folder, readme=README):
    (folder / "solutions").mkdir()
    (folder / "solutions" / "9.1_tiny_lab.py").write_text(SOURCE, encoding="utf-8")
    (folder / "README.md").write_text(readme, encoding="utf-8")
    return folder


def measure(folder, **rows):
    path = folder / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    row = {"seconds": 120.0, "peak_gb": 1.25, "machine": "a laptop", "date": "2026-11-29"}
    path.write_text(json.dumps({"9.1": row | rows}))


def first_text(folder, place="labs"):
    cells = nbformat.read(folder / place / "9.1_tiny_lab.ipynb", as_version=4).cells
    return next(cell.source for cell in cells if cell.cell_type == "markdown")


def card(lab, minutes, *needs):
    return Card(lab, f"Lab {lab}", "do it", needs, f"labs/{lab}.ipynb", Figures(200 * minutes, 0))


# ------------------------------------------------------------------ counted and printed


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(lab_figures).failed == 0
    assert doctest.testmod(lab_figures).attempted >= 4


def test_minutes_are_words_lines_and_compute():
    assert Figures(2000, 10).minutes == 25
    assert Figures(2000, 10, Measured(300, 1, "", "")).minutes == 30
    assert replace(Figures(2000, 10), lines=12).minutes == 28
    assert Figures(0, 0).minutes == 1


@pytest.mark.parametrize(("words", "lines", "seconds"), [(1, 1, 1), (1839, 15, 180), (2806, 21, 29), (700, 3, 331)])
def test_the_parts_add_up(words, lines, seconds):
    text = lab_figures.minutes(Figures(words, lines, Measured(seconds, 1, "", "")))
    total, *parts = map(int, re.findall(r"\d+", text.replace("under 1", "0")))
    assert total == sum(parts)


def test_the_card_and_the_exercise_get_their_figures_in_both_notebooks(tmp_path):
    measure(project(tmp_path))
    build_labs.build(tmp_path)
    for place in ("labs", "solutions"):
        text = (tmp_path / place / "9.1_tiny_lab.ipynb").read_text(encoding="utf-8")
        assert "| **Time / memory** | 5 minutes: 0 for reading, 3 for exercises, 2 for computing · 1.2 GB |" in text
        assert "*3 minutes · easy*" in text
        assert "{{" not in text


def test_a_lab_that_was_never_run_says_so(tmp_path):
    build_labs.build(project(tmp_path))
    assert "computing not measured yet · not measured yet" in first_text(tmp_path)


def test_the_readme_shows_the_same_figures_and_the_gate_sees_a_change(tmp_path):
    measure(project(tmp_path))
    build_labs.build(tmp_path)
    text = (tmp_path / "README.md").read_text()
    assert "| [9.1 A tiny lab](labs/9.1_tiny_lab.ipynb) | halve numbers | 5 | 2 min | 1.2 GB |" in text
    assert "(a laptop, 2026-11-29)" in text
    assert text.startswith("# Title\n") and text.endswith("end\n") and "old" not in text
    assert build_labs.check(tmp_path) == []
    (tmp_path / "README.md").write_text(text.replace("| 5 |", "| 6 |"))
    assert build_labs.check(tmp_path) == ["README.md: differs from its source"]
    build_labs.build(tmp_path)
    measure(tmp_path, peak_gb=1.9)
    assert "README.md: differs from its source" in build_labs.check(tmp_path)
    assert "labs/9.1_tiny_lab.ipynb: differs from its source" in build_labs.check(tmp_path)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("# | **Needs** | nothing; lab 1.1 explains |\n", "", "lab 9.1: its first cell must be a card"),
        ("# # 9.1 · A tiny", "# # 9.2 · A tiny", "lab 9.1: its first cell must be a card"),
    ],
)
def test_a_card_without_its_lines_is_a_sentence(tmp_path, before, after, words):
    source = project(tmp_path) / "solutions" / "9.1_tiny_lab.py"
    assert before in SOURCE
    source.write_text(SOURCE.replace(before, after))
    with pytest.raises(FigureError, match=words):
        build_labs.build(tmp_path)
    assert not (tmp_path / "labs").exists()


def test_a_readme_without_its_marks_is_a_sentence(tmp_path):
    with pytest.raises(FigureError, match=r"README\.md has no lines '<!-- tracks -->'"):
        build_labs.build(project(tmp_path, README.replace("<!-- tracks -->", "")))


def test_an_exercise_mark_without_an_exercise_is_a_sentence(tmp_path):
    source = project(tmp_path) / "solutions" / "9.1_tiny_lab.py"
    source.write_text(SOURCE[: SOURCE.index("# %%\ndef half")])
    with pytest.raises(FigureError, match=r"exercise_minutes\}\} has no cell"):
        build_labs.build(tmp_path)


# ------------------------------------------------------------------ tracks


def test_a_track_is_refused_when_a_need_is_missing_or_comes_later():
    known = {one.lab: one for one in (card("1", 5), card("2", 5, "1"), card("3", 5, "1", "2"))}
    assert lab_figures.track_minutes("t", ["1", "2", "3"], known) == 15
    for labs in (["2"], ["2", "1"], ["1", "3", "2"], ["3"]):
        with pytest.raises(FigureError, match="which must stand before it"):
            lab_figures.track_minutes("t", labs, known)


def test_a_track_that_does_not_fit_its_name_is_refused():
    known = {"1": card("1", 59), "2": card("2", 2)}
    assert lab_figures.track_minutes("one hour", ["1"], known, 60) == 59
    with pytest.raises(FigureError, match="has 60 minutes, but its labs take 61"):
        lab_figures.track_minutes("one hour", ["1", "2"], known, 60)


def test_the_needs_of_a_card_are_those_before_the_semicolon():
    first = "# 3.3 · A: b\n| **You will be able to** | x |\n| **Needs** | lab 3.1 and lab 2.2; 1.1 explains |"
    assert lab_figures.card_of("3.3", first, "", Figures(1, 1)).needs == ("3.1", "2.2")


def printed_tracks() -> dict[str, tuple[list[str], int]]:
    """name -> (labs, minutes), as the README prints them."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    inside = text.partition("<!-- tracks -->")[2].partition("<!-- /tracks -->")[0]
    found = re.findall(r"^- (.+): (?:all labs in order|([\d., ]+)) \((\d+) minutes\)\.$", inside, re.MULTILINE)
    return {name: (labs.split(", ") if labs else [], int(minutes)) for name, labs, minutes in found}


def test_each_track_of_the_readme_runs_as_printed():
    root = ROOT / "solutions"
    sources = [build_labs.read(path, ROOT) for path in sorted(root.rglob("*.py"), key=build_labs._order)]
    cards = {one.lab: lab_figures.card_of(one.lab, one.cells[0].source, "", one.figures) for one in sources}
    tracks = printed_tracks()
    assert len(tracks) >= 3 and cards["3.3"].needs == ("3.1",)
    for name, (labs, minutes) in tracks.items():
        labs = labs or list(cards)
        assert len(labs) == len(set(labs))
        for place, lab in enumerate(labs):
            assert set(cards[lab].needs) <= set(labs[:place]), f"{name}: {lab}"
        assert minutes == sum(cards[lab].figures.minutes for lab in labs), name
    hours = {name: limit for name, (limit, _) in lab_figures.WORKSHOPS.items()}
    assert all(minutes <= hours.get(name, minutes) for name, (_, minutes) in tracks.items())


# ------------------------------------------------------------------ nothing is typed by hand


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_card_holds_a_figure_that_was_typed(path):
    text = path.read_text(encoding="utf-8")
    rows = re.findall(r"^# \| \*\*Time.*$", text, re.MULTILINE)
    assert rows == ["# | **Time / memory** | {{minutes}} · {{memory}} |"]
    assert re.findall(r"^# \*[^*\n]*\d+ min.*$", text, re.MULTILINE) == []
    assert text.count("{{exercise_minutes}}") == len(set(re.findall(r"lab\.use\((\d+)", text)))


def was_run(source: build_labs.Source) -> bool:
    """True when the complete notebook holds outputs; a new skeleton does not yet."""
    notebook = nbformat.read(ROOT / "solutions" / source.relative, as_version=4)
    return any(cell.get("outputs") for cell in notebook.cells)


def test_every_lab_that_was_run_is_measured_and_stays_below_binders_memory():
    measured, sources = read_measured(ROOT), [build_labs.read(path, ROOT) for path in SOURCES]
    assert [one.lab for one in sources if was_run(one) and one.lab not in measured] == []
    assert set(measured) <= {one.lab for one in sources} and len(measured) >= 7
    assert all(one.peak_gb <= run_labs.PROMISED_GB and one.machine and one.date for one in measured.values())


# ------------------------------------------------------------------ measured


def test_a_run_writes_what_it_measured_and_keeps_the_other_labs(tmp_path):
    measure(tmp_path)
    result = run_labs.Result("1.10", "live", 61.26, None, 1.234, {}, (), ())
    save([result, replace(result, lab="1.9")], tmp_path)
    found = read_measured(tmp_path)
    assert list(found) == ["1.9", "1.10", "9.1"]
    assert (found["1.10"].seconds, found["1.10"].peak_gb) == (61.3, 1.23)
    assert found["9.1"].machine == "a laptop"
    assert "cores" in found["1.9"].machine and re.fullmatch(r"\d{4}-\d\d-\d\d", found["1.9"].date)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"0": 3}', '{"0": {"seconds": 1}}'])
def test_a_damaged_file_is_a_sentence(tmp_path, content):
    measure(tmp_path)
    (tmp_path / FILE).write_text(content)
    with pytest.raises(FigureError, match=r"lab_figures\.json is damaged .*git checkout"):
        read_measured(tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [["--solutions", "--profile", "smoke"], ["--solutions", "--alone"], [], ["--solutions", "-p", "SEED", "3"]],
)
def test_only_a_run_as_printed_is_kept(tmp_path, capsys, arguments):
    assert run_labs.main(["--save-figures", *arguments], tmp_path) == 2
    assert "--profile live --solutions" in capsys.readouterr().err

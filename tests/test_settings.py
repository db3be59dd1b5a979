"""What is typed into the parameters cell: right, or one sentence with the line to write."""

import os
from pathlib import Path

import numpy as np
import pytest

from llm_workbook.run import start
from llm_workbook.settings import ROOT, Settings


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"max_items": "8"}, r"MAX_ITEMS must be at least 1 or None, but is '8' \(a str\)\. Write MAX_ITEMS = 8"),
        ({"max_items": 2.5}, r"MAX_ITEMS must be .* but is 2\.5 \(a float\)\. Write MAX_ITEMS = 2"),
        ({"max_items": 2.0}, r"MAX_ITEMS must be .* but is 2\.0"),
        ({"max_items": True}, r"MAX_ITEMS must be .* but is True"),
        ({"max_items": "all"}, r"MAX_ITEMS must be .* but is 'all' .*\. Write MAX_ITEMS = None"),
        ({"max_items": 0}, "MAX_ITEMS must be .* but is 0"),
        ({"max_items": -3}, "MAX_ITEMS must be .* but is -3"),
        ({"max_items": [8]}, r"MAX_ITEMS must be .* but is \[8\]"),
        ({"max_items": float("nan")}, "MAX_ITEMS must be .* but is nan"),
        ({"seed": "7"}, r"SEED must be at least 0 and below 2\*\*32, but is '7' \(a str\)\. Write SEED = 7"),
        ({"seed": "seven"}, "SEED must be .* but is 'seven'"),
        ({"seed": None}, "SEED must be .* but is None"),
        ({"seed": 1.5}, r"SEED must be .* but is 1\.5"),
        ({"seed": True}, "SEED must be .* but is True"),
        ({"seed": -1}, "SEED must be .* but is -1"),
        ({"seed": 2**40}, "SEED must be .* but is 1099511627776"),
        ({"corpus": None}, r"CORPUS must be .* but is None\. Write CORPUS = \"authored\""),
        ({"corpus": 5}, "CORPUS must be .* but is 5"),
        ({"corpus": ""}, "CORPUS must be .* but is ''"),
        ({"corpus": Path("docs")}, "CORPUS must be .* but is .*Path"),
        ({"model": 5}, r"MODEL must be .* but is 5\. Write MODEL = None"),
        ({"model": ""}, "MODEL must be .* but is ''"),
        ({"model": "  "}, "MODEL must be .* but is '  '"),
        ({"model": False}, "MODEL must be .* but is False"),
        ({"profile": None}, r"unknown profile None: choose one of smoke, live, full\. Write PROFILE = \"live\""),
        ({"profile": " Live "}, r"unknown profile ' Live ': choose one of .*\. Write PROFILE = \"live\""),
        ({"profile": "SMOKE"}, r"Write PROFILE = \"smoke\""),
        ({"profile": 1}, "unknown profile 1"),
        ({"profile": ["live"]}, "unknown profile"),
        ({"results_dir": 5}, "RESULTS_DIR must be .* but is 5"),
        ({"results_dir": True}, "RESULTS_DIR must be .* but is True"),
        ({"results_dir": "a\x00b"}, "RESULTS_DIR must be"),
        ({"results_dir": "~no-such-user-at-all/x"}, "RESULTS_DIR must be"),
    ],
    ids=repr,
)  # fmt: skip
def test_a_parameter_that_is_not_right_is_one_sentence(given, sentence):
    for use in (lambda: start("1.1", **given), lambda: Settings("1.1", **given)):
        with pytest.raises(ValueError, match=sentence) as raised:
            use()
        assert "\n" not in str(raised.value)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no /dev/null")
@pytest.mark.parametrize("path", ["/dev/null", "/dev/null/deeper"])
def test_a_results_folder_that_is_a_device_is_one_sentence(path):
    with pytest.raises(ValueError, match="RESULTS_DIR must be a folder or None, but .dev.null is no folder"):
        Settings("1.1", results_dir=path)


@pytest.mark.parametrize("below", ["", "deeper", "deeper/still"])
def test_a_results_folder_that_is_a_file_is_one_sentence(tmp_path, below):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"RESULTS_DIR must be a folder.* but .*notes\.txt is a file"):
        start("1.1", "smoke", results_dir=tmp_path / "notes.txt" / below)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_what_is_right_is_taken(tmp_path, monkeypatch):
    right = Settings("1.1", "smoke", np.int64(3), np.int32(5), None, str(tmp_path))
    assert (right.seed, right.max_items, right.results_dir) == (3, 5, tmp_path.resolve())
    assert (type(right.seed), type(right.max_items)) == (int, int)
    assert Settings("1.1").results_dir == Settings("1.1", results_dir="").results_dir == ROOT / "results"
    assert Settings("1.1", model=tmp_path).model == str(tmp_path)
    assert Settings("1.1", results_dir=tmp_path / "not" / "there").results_dir == (tmp_path / "not" / "there").resolve()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings("1.1", results_dir="~/results").results_dir == (tmp_path / "results").resolve()

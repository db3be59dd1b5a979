"""The price table and the scenario: complete, with units, without open conflicts; and what a damaged one is told."""

import csv
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_workbook.labs.lab_3_4.prices import (
    COLUMNS,
    LARGEST,
    PRICES,
    SCENARIO,
    PriceError,
    Scenario,
    checked,
    dated,
    read_prices,
    read_scenario,
    stale,
    write_scenario,
)
from llm_workbook.settings import ROOT
from tools.vendor_facts import expired

HEAD = "item,value,unit,date,source,trust,conflict_group,chosen,note,status,retires_on\n"
GOOD = "kwh,0.2,USD per kWh,2026-01-01,a bill,P,,yes,,current,\n"


def table(tmp_path, *rows: str, head: str = HEAD):
    path = tmp_path / "prices.csv"
    path.write_text(head + "".join(rows), encoding="utf-8")
    return path


# ------------------------------------------------------------------ the committed table


def test_every_price_has_a_unit_a_date_a_source_and_a_trust_mark():
    prices = read_prices()
    assert len(prices) > 25
    assert {price.trust for price in prices.values()} <= {"P", "S", "C", "assumed"}
    assert all(price.unit in LARGEST and price.source and price.date <= date.today() for price in prices.values())


def test_every_conflict_is_shown_and_settled():
    groups: dict[str, list] = {}
    for price in read_prices().values():
        groups.setdefault(price.conflict_group, []).append(price)
    assert all(price.chosen for price in groups.pop(""))
    assert len(groups) >= 4
    assert all(len(rivals) > 1 and sum(price.chosen for price in rivals) == 1 for rivals in groups.values())


def test_no_price_in_use_is_out_of_date():
    assert expired(read_prices()) == []


def test_old_prices_in_use_are_named_and_those_of_a_study_stay():
    prices = read_prices()
    assert [price.item for price in stale(prices, date(2024, 6, 1))] == []
    everything = {price.item for price in prices.values() if price.chosen and price.status != "historical"}
    assert {price.item for price in stale(prices, date(2040, 1, 1))} == everything
    assert {price.item for price in prices.values() if price.status == "historical"} >= {
        "search_kendra",
        "expert_label",
    }


@pytest.mark.parametrize(
    ("status", "last_good_day"),
    [("current", date(2027, 7, 3)), ("as_of", date(2029, 1, 1)), ("historical", date(2999, 1, 1))],
)
def test_a_price_fails_on_the_day_after_its_time(tmp_path, status, last_good_day):
    prices = read_prices(table(tmp_path, GOOD.replace("current", status)))
    assert expired(prices, last_good_day) == []
    after = [] if status == "historical" else ["kwh was seen on 2026-01-01: look it up, or mark it as_of or historical"]
    assert expired(prices, last_good_day + timedelta(days=1)) == after


def test_a_price_fails_60_days_before_what_it_prices_ends(tmp_path):
    prices = read_prices(table(tmp_path, GOOD.replace("current,", "current,2027-01-01")))
    assert expired(prices, date(2026, 11, 1)) == []
    said = ["kwh ends on 2027-01-01: replace it, or mark it historical"]
    assert expired(prices, date(2026, 11, 2)) == expired(prices, date(2027, 2, 1)) == said
    historical = read_prices(table(tmp_path, GOOD.replace("current,", "historical,2027-01-01")))
    assert expired(historical, date(2027, 2, 1)) == []


def test_a_price_without_a_newer_source_is_shown_with_its_date():
    source = (ROOT / "solutions" / "3_benchmarking" / "3.4_from_score_to_money.py").read_text(encoding="utf-8")
    bill = source[source.index("hosting_table(best, price)") - 200 :]
    assert "dated(price)" in bill[: bill.index("hosting_table(best, price)")]
    for price in read_prices().values():
        assert (f"{price.item.replace('_', ' ')} ({price.date})" in dated(read_prices())) == (price.status == "as_of")


def test_a_price_is_stale_after_18_months_and_not_a_day_before(tmp_path):
    prices = read_prices(table(tmp_path, GOOD))
    assert stale(prices, date(2027, 7, 3)) == []
    assert [price.item for price in stale(prices, date(2027, 7, 4))] == ["kwh"]


# ------------------------------------------------------------------ damaged tables


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("gpu,1.2,,2026-01-01,a,P,,yes,,current,\n", "the unit is '', so nobody can tell what 1.2 means"),
        ("gpu,1.2,euros,2026-01-01,a,P,,yes,,current,\n", "the unit is 'euros'"),
        ("gpu,-1.2,USD per hour,2026-01-01,a,P,,yes,,current,\n", "-1.2 USD per hour is negative"),
        ("gpu,,USD per hour,2026-01-01,a,P,,yes,,current,\n", "the value is '', which is no number"),
        ("gpu,nan,USD per hour,2026-01-01,a,P,,yes,,current,\n", "the value is 'nan'"),
        ("gpu,inf,USD per hour,2026-01-01,a,P,,yes,,current,\n", "the value is 'inf'"),
        ("gpu,1e9,USD per hour,2026-01-01,a,P,,yes,,current,\n", "is absurd"),
        ("training,0.00799,USD per token,2026-01-01,a,P,,yes,,current,\n", "is absurd (more than 0.001)"),
        ("gpu,1.2,USD per hour,yesterday,a,P,,yes,,current,\n", "the date is 'yesterday'"),
        ("gpu,1.2,USD per hour,2026-01-01,,P,,yes,,current,\n", "the source is ''"),
        ("gpu,1.2,USD per hour,2026-01-01,a,P,,perhaps,,current,\n", "chosen is 'perhaps'"),
        ("gpu,1.2,USD per hour,2026-01-01\n", "4 of 11 cells"),
        ("gpu,1.2,USD per hour,2026-01-01,a,P,,yes,,,\n", "the status is ''. Write current, as_of or historical"),
        ("gpu,1.2,USD per hour,2026-01-01,a,P,,yes,,current,soon\n", "the date is 'soon'"),
        ("kwh,1.2,USD per kWh,2026-01-01,a,P,,yes,,current,\n", "stands twice"),
        (",1.2,USD per kWh,2026-01-01,a,P,,yes,,current,\n", "a name that is empty"),
        ("gpu,1.2,USD per hour,2026-01-01,a,P,,no,,current,\n", "the conflict '' is not settled"),
        (
            "a,1,USD per hour,2026-01-01,a,P,gpu,yes,,current,\nb,2,USD per hour,2026-01-01,a,P,gpu,yes,,current,\n",
            "the conflict 'gpu' is not settled (a = 1.0",
        ),
        (
            "a,1,USD per hour,2026-01-01,a,P,gpu,no,,current,\nb,2,USD per hour,2026-01-01,a,P,gpu,no,,current,\n",
            "the conflict 'gpu' is not settled",
        ),
    ],
)
def test_a_bad_price_is_told_in_a_sentence(tmp_path, row, words):
    with pytest.raises(PriceError) as error:
        read_prices(table(tmp_path, GOOD, row))
    assert words in str(error.value)
    assert str(error.value).startswith("prices.csv")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"item\n",
        b"\xff\xfe\x00",
        b'item,value\n"never closed',
        HEAD.encode(),
        HEAD.replace(",", ";").encode() + b"a;1\n",
    ],
)
def test_a_damaged_file_is_told_in_a_sentence(tmp_path, content):
    path = tmp_path / "prices.csv"
    path.write_bytes(content)
    for read in (read_prices, read_scenario):
        with pytest.raises(PriceError, match=r"prices\.csv"):
            read(path)
    with pytest.raises(PriceError, match=r"cannot be read"):
        read_prices(tmp_path / "missing.csv")


# ------------------------------------------------------------------ scenarios


def test_the_scenario_has_a_unit_and_a_reason_for_each_number():
    lines = SCENARIO.read_text(encoding="utf-8").splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == [field.name for field in fields(Scenario)]
    assert all(all(row[column] for column in COLUMNS) for row in csv.DictReader(SCENARIO.open(encoding="utf-8")))


@given(st.floats(0, 1e4), st.floats(1, 240), st.floats(0, 1))
def test_a_scenario_that_is_written_and_read_is_the_same(tmp_path_factory, error_usd, months, churn):
    scenario = replace(read_scenario(), error_usd=error_usd, months=months, churn_per_month=churn)
    path = tmp_path_factory.mktemp("scenario") / "mine.csv"
    assert read_scenario(write_scenario(scenario, path)) == scenario
    assert [file.name for file in path.parent.iterdir()] == ["mine.csv"]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("error_usd,15.0", "error_usd,-10", "-10 USD is negative"),
        ("error_usd,15.0", "error_usd,ten", "'ten', which is no number"),
        ("months,24.0", "months,0", "0 months is nothing"),
        ("share_no_answer,0.1", "share_no_answer,0.2", "the shares of the three kinds of question must add up to 1"),
        ("churn_per_month,0.02", "churn_per_month,2", "2 share per month is absurd"),
        ("hourly_usd,60.0,USD per hour", "hourly_usd,60.0,USD per month", "must be 'USD per hour'"),
        ("hourly_usd,60.0,USD per hour", "hourly_usd,60.0,", "must be 'USD per hour'"),
        ("error_usd,15.0", "eror_usd,10.0", "'eror_usd' is no part of a scenario"),
    ],
)
def test_a_bad_scenario_is_told_in_a_sentence(tmp_path, before, after, words):
    path = write_scenario(read_scenario(), tmp_path / "mine.csv")
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(PriceError) as error:
        read_scenario(path)
    assert words in str(error.value)


def test_a_scenario_without_one_of_its_numbers_is_told_which(tmp_path):
    path = write_scenario(read_scenario(), tmp_path / "mine.csv")
    path.write_text("".join(line for line in path.read_text().splitlines(True) if not line.startswith("months,")))
    with pytest.raises(PriceError, match="'months' is missing"):
        read_scenario(path)


def test_a_spreadsheet_s_byte_order_mark_and_empty_lines_do_no_harm(tmp_path):
    path = write_scenario(read_scenario(), tmp_path / "mine.csv")
    path.write_text("\ufeff" + path.read_text() + ",,,,\n\n", encoding="utf-8")
    assert read_scenario(path) == read_scenario()


@pytest.mark.parametrize("unit", sorted(LARGEST))
def test_each_unit_takes_its_largest_value_and_no_more(unit):
    assert checked(LARGEST[unit], unit, "here") == LARGEST[unit]
    with pytest.raises(PriceError, match="absurd"):
        checked(LARGEST[unit] * 1.01, unit, "here")


def test_the_price_table_is_where_the_package_says():
    assert PRICES.is_file() and SCENARIO.is_file()


def test_the_readme_lists_every_unit():
    listed = (PRICES.parent / "README.md").read_text(encoding="utf-8")
    assert [unit for unit in LARGEST if f"`{unit}`" not in listed] == []

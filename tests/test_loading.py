import pytest

from broken_chains import chain_text
from servicechain import Chain, check, read
from servicechain.arrivals import At, Every
from servicechain.distributions import Empirical
from servicechain.errors import ChainError
from servicechain.populations import Closed
from servicechain.units import Quantity

TABLE = "opened,stamp,minutes,whole,odd,zero\n2,2026-01-05T09:30,1.5,1,2,0\n0.5,2026-01-05T08:00,4,3,0.5,0\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "days.csv").write_text(TABLE)
    return tmp_path


def chain(folder, **slots):
    slots.setdefault("top", "starts: 2026-01-05T08:00")
    file = folder / "chain.yaml"
    file.write_text(chain_text(**slots))
    return read(file)


def refused(folder, **slots):
    with pytest.raises(ChainError) as caught:
        chain(folder, **slots)
    (problem,) = caught.value.problems
    assert "\n" not in str(problem)
    return problem


def test_times_of_arrival_are_read_and_put_in_order(folder):
    model = chain(folder, arrivals='\'at(file="days.csv", column="opened")\'')
    assert model.loaded().customers["guest"].arrivals == At((Quantity(0.5), Quantity(2)))


def test_time_stamps_count_from_the_start_of_the_chain(folder):
    model = chain(folder, arrivals='\'at(file="days.csv", column="stamp")\'')
    assert model.loaded().customers["guest"].arrivals == At((Quantity(0), Quantity(90)))
    model = chain(folder, arrivals="'at([\"2026-01-05T09:30\", 5, 1h])'")
    found = model.loaded().customers["guest"].arrivals.in_unit(model.unit)
    assert found == At((Quantity(5), Quantity(60), Quantity(90)))


@pytest.mark.parametrize(
    ("slots", "path"),
    [
        (
            {"steps": "[{chance: 0.5, then: [], else: [{work: 'EMP'}]}]"},
            ("services", "serve", "steps", 0, "otherwise", 0, "work"),
        ),
        (
            {"steps": "[{choose: [{weight: 1, steps: [{pause: 'EMP'}]}]}]"},
            ("services", "serve", "steps", 0, "choose", 0, "steps", 0, "pause"),
        ),
        ({"journey": "[{ask: serve, patience: 'EMP'}]"}, ("customers", "guest", "journey", 0, "patience")),
        ({"customer": ", patience: 'EMP'"}, ("customers", "guest", "patience")),
    ],
)
def test_durations_are_read_wherever_they_stand(folder, slots, path):
    slots = {slot: text.replace("EMP", 'empirical(file="days.csv", column="minutes")') for slot, text in slots.items()}
    found = chain(folder, **slots).loaded()
    for part in path:
        found = found[part] if isinstance(part, int) or isinstance(found, dict) else getattr(found, part)
    assert found == Empirical([1.5, 4])


def test_intervals_between_arrivals_are_read(folder):
    model = chain(folder, arrivals='\'every(empirical(file="days.csv", column="minutes"))\'')
    loaded = model.loaded()
    assert loaded.customers["guest"].arrivals == Every(Empirical([1.5, 4]))
    assert loaded.customers["guest"].arrivals.mean_rate == pytest.approx(1 / 2.75)
    assert check(model) is not None


def test_times_of_failures_populations_and_branches_are_read(folder):
    emp = "\"empirical(file='days.csv', column='minutes')\""
    model = chain(
        folder,
        actor=f"{{lane: contact, staff: 1, failures: {{every: {emp}, lasts: {emp}}}}}",
        steps=f"[{{together: [[{{ask: look up}}], [{{work: {emp}}}]]}}]",
        arrivals=f"{{population: 3, think: {emp}}}",
    )
    loaded = model.loaded()
    failures = loaded.actors["clerk"].failures
    assert failures.every == failures.lasts == Empirical([1.5, 4])
    assert loaded.services["serve"].steps[0].together[1][0].work == Empirical([1.5, 4])
    assert loaded.customers["guest"].arrivals == Closed(3, Empirical([1.5, 4]))
    assert loaded == Chain.from_dict(loaded.to_dict())
    assert check(model) is not None


def test_whole_numbers_are_read_for_rounds_and_batches(folder):
    whole = '\'empirical(file="days.csv", column="whole")\''
    loaded = chain(folder, steps=f"[{{repeat: [{{work: 1}}], times: {whole}}}]", customer=f", batch: {whole}").loaded()
    assert loaded.services["serve"].steps[0].times == Empirical([1, 3])
    assert loaded.customers["guest"].batch == Empirical([1, 3])


def test_what_is_read_is_equal_but_for_the_files(folder):
    model = chain(folder, steps='[{work: \'empirical(file="days.csv", column="minutes")\'}]')
    assert model.to_dict()["services"]["serve"]["steps"] == [{"work": 'empirical(file="days.csv", column="minutes")'}]
    loaded = model.loaded()
    assert loaded != model
    assert loaded == loaded.loaded()
    assert loaded == Chain.from_dict(loaded.to_dict())
    assert loaded.with_values({"services.serve.steps.0.work": model.services["serve"].steps[0].work.written()}) == model


def test_a_chain_without_files_is_equal_to_itself_loaded(folder):
    model = chain(folder)
    assert model.loaded() == model


def test_files_lie_beside_the_chain_even_after_values_have_changed(folder, monkeypatch, tmp_path_factory):
    model = chain(folder, steps='[{work: \'empirical(file="days.csv", column="minutes")\'}]')
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert model.with_values({"actors.clerk.staff": 3}).loaded().services["serve"].steps[0].work == Empirical([1.5, 4])


EMPIRICAL = '\'empirical(file="days.csv", column="{}")\''


@pytest.mark.parametrize(
    ("slots", "place", "words"),
    [
        (
            {"steps": f"[{{repeat: [], times: {EMPIRICAL.format('odd')}}}]"},
            (8, 50),
            ["days.csv, column 'odd', row 3", "'times'", "whole number", "got 0.5"],
        ),
        (
            {"customer": f", batch: {EMPIRICAL.format('odd')}"},
            (11, 72),
            ["row 3", "'batch'", "whole number", "got 0.5"],
        ),
        ({"customer": f", batch: {EMPIRICAL.format('zero')}"}, (11, 72), ["batch of 0", "how many"]),
        ({"arrivals": '\'every(empirical(file="days.csv", column="zero"))\''}, (11, 21), ["at once", "above 0"]),
        (
            {"actor": f"{{lane: contact, staff: 1, failures: {{every: {EMPIRICAL.format('zero')}, lasts: 1}}}}"},
            (5, 54),
            ["'clerk' would fail again and again", "above 0"],
        ),
        (
            {"arrivals": f"{{population: 3, think: {EMPIRICAL.format('stamp')}}}"},
            (11, 44),
            ["column 'stamp', row 2", "not a finite number"],
        ),
        (
            {"steps": f"[{{work: {EMPIRICAL.format('stamp')}}}]"},
            (8, 37),
            ["column 'stamp', row 2", "not a finite number"],
        ),
        (
            {"steps": f"[{{work: {EMPIRICAL.format('oddd')}}}]"},
            (8, 37),
            ["'days.csv'", "no column 'oddd'", "did you mean 'odd'"],
        ),
        (
            {"steps": '[{work: \'empirical(file="day.csv", column="odd")\'}]'},
            (8, 37),
            ["'day.csv'", "did you mean 'days.csv'"],
        ),
        ({"arrivals": '\'at(file="days.csv", column="stamp")\'', "top": ""}, (11, 21), ["row 2", "'starts'"]),
        (
            {"arrivals": '\'at(file="days.csv", column="stamp")\'', "top": "starts: 2026-01-05T09:00"},
            (11, 21),
            ["row 3", "before the chain's 'starts'"],
        ),
        ({"arrivals": "'at([\"2026-01-04\"])'"}, (11, 21), ["2026-01-04", "before the chain's 'starts'"]),
    ],
)
def test_what_files_hold_is_judged_at_the_place_that_names_them(folder, slots, place, words):
    problem = refused(folder, **slots)
    assert (problem.line, problem.column) == place
    for word in words:
        assert word in str(problem)


def test_negative_values_and_empty_columns_are_told(tmp_path):
    (tmp_path / "days.csv").write_text("a\n3\n-2\n")
    problem = refused(tmp_path, steps=f"[{{work: {EMPIRICAL.format('a')}}}]")
    assert "days.csv, column 'a', row 3: a time or number must not be negative, got -2" in str(problem)
    (tmp_path / "days.csv").write_text("a\n")
    assert "no value below the heading" in str(refused(tmp_path, steps=f"[{{work: {EMPIRICAL.format('a')}}}]"))


def test_every_file_that_is_wrong_is_told(tmp_path):
    (tmp_path / "chain.yaml").write_text(
        chain_text(
            steps='[{work: \'empirical(file="a.csv", column="x")\'}, {pause: \'empirical(file="b.csv", column="x")\'}]',
            arrivals='\'at(file="c.csv", column="x")\'',
        )
    )
    with pytest.raises(ChainError) as caught:
        read(tmp_path / "chain.yaml")
    assert [problem.message.split("'")[1] for problem in caught.value.problems] == ["a.csv", "b.csv", "c.csv"]


def test_a_column_named_often_is_read_once(folder, monkeypatch):
    from servicechain.files import columns

    read_columns = []
    true_reader = columns.read_column
    monkeypatch.setattr(columns, "read_column", lambda *given: read_columns.append(given) or true_reader(*given))
    one = EMPIRICAL.format("minutes")
    chain(folder, steps=f"[{{work: {one}}}, {{work: {one}}}, {{pause: {one}}}]", customer=f", patience: {one}")
    assert len(read_columns) == 1

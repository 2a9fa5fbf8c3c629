from pathlib import Path

import pytest
from typer.testing import CliRunner

import servicechain.cli.draw
from servicechain.cli.app import app

HOTEL = Path(__file__).parents[1] / "simulations" / "hotel.yaml"


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # the application has its commands once their modules are imported
    assert servicechain.cli.draw.draw
    return lambda *arguments: CliRunner().invoke(app, ["draw", *map(str, arguments)])


def test_the_picture_is_called_like_the_chain_file(call, tmp_path):
    result = call(HOTEL)
    assert (result.exit_code, result.stdout) == (0, "hotel.svg\n")
    assert (tmp_path / "hotel.svg").read_bytes().startswith(b"<?xml")


def test_png(call, tmp_path):
    result = call(HOTEL, "-o", "picture.PNG")
    assert (result.exit_code, result.stdout) == (0, "picture.PNG\n")
    assert (tmp_path / "picture.PNG").read_bytes().startswith(b"\x89PNG")


def test_the_same_chain_twice_gives_the_same_bytes(call, tmp_path):
    call(HOTEL, "-o", "one.svg")
    call(HOTEL, "-o", "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert b"<dc:date>" not in (tmp_path / "one.svg").read_bytes()


def test_a_changed_value_shows(call, tmp_path):
    call(HOTEL, "-o", "one.svg")
    result = call(HOTEL, "-o", "two.svg", "--set", "actors.manager.staff=7")
    assert result.exit_code == 0
    assert (tmp_path / "one.svg").read_bytes() != (tmp_path / "two.svg").read_bytes()


def test_an_existing_file_is_replaced_only_if_that_was_said(call, tmp_path):
    (tmp_path / "hotel.svg").write_text("precious")
    result = call(HOTEL)
    assert result.exit_code == 2
    assert result.stderr == "servicechain: hotel.svg exists; choose another name, or say --overwrite to replace it\n"
    assert (tmp_path / "hotel.svg").read_text() == "precious"
    assert call(HOTEL, "--overwrite").exit_code == 0
    assert (tmp_path / "hotel.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            (HOTEL, "-o", "hotel.pdf"),
            "hotel.pdf: a picture is written as .svg or .png, and this name ends in '.pdf'",
        ),
        ((HOTEL, "-o", "hotel"), "a picture is written as .svg or .png"),
        ((HOTEL, "-o", "."), "a picture is written as .svg or .png"),
        ((HOTEL, "-o", "no/such/folder/hotel.svg"), "cannot be written: No such file or directory"),
        (("nowhere.yaml",), "nowhere.yaml"),
        ((HOTEL, "--set", "actors.receptionist.staf=7"), "did you mean 'staff'"),
    ],
)
def test_errors_are_one_line(call, arguments, told):
    result = call(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_folder_is_not_written_to(call, tmp_path):
    (tmp_path / "folder.svg").mkdir()
    result = call(HOTEL, "-o", "folder.svg", "--overwrite")
    assert result.exit_code == 2
    assert "folder.svg is not a file" in result.stderr

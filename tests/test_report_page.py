"""The page for a manager: it says what was found, escapes what it was told, and needs nothing from anywhere."""

import base64
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from made_studies import GUEST, PROMISE, made_study
from servicechain.errors import FileProblem
from servicechain.studies.report_page import report, write_report
from servicechain.studies.report_words import answer, facts_of_study
from timelines import chain_of

pytestmark = pytest.mark.theory  # pictures

GRID = {"receptionist.staff": [2, 3, 4], "programmer.staff": [1, 2]}
WAITS = [12.0, 6.0, 9.0, 3.2, 8.5, 2.9]
COSTS = [1824.0, 2784.0, 2256.0, 3216.0, 2688.0, 3648.0]
EVIL = '<script src="http://evil.example/x.js">alert(1)</script> & "quoted" \'too\' <img src=//evil.example/a.png>'
VOID = {"meta", "img", "br", "hr", "link", "input", "base"}
LOADS = ("src", "href", "srcset", "data", "action", "poster", "background", "cite", "formaction", "ping", "xlink:href")


class Page(HTMLParser):
    """What a browser would make of a page: elements, attributes, text; and whether every element is closed."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.styles, self.words, self._open = [], [], [], []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        (self.styles if self._open[-1:] == ["style"] else self.words).append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def check_self_contained(text):
    """Nothing on the page is fetched from elsewhere, and nothing leads there."""
    page = Page(text)
    for tag, attributes in page.elements:
        assert tag not in {"script", "link", "iframe", "object", "embed", "base", "a", "form", "video", "audio", "svg"}
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in LOADS:
                assert value.startswith("data:image/png;base64,")
                assert base64.b64decode(value.partition(",")[2], validate=True).startswith(b"\x89PNG")
            assert name != "style" or "url" not in value
    css = " ".join(page.styles)
    assert not re.search(r"url\s*\(|@import|expression|https?:|//", css)
    (policy,) = [each["content"] for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert not [each for each in page.all("meta") if each.get("http-equiv", "").lower() == "refresh"]
    return page


def six(**changed):
    return made_study(**({"waits": WAITS, "vary": GRID, "costs": COSTS, "best": (5,)} | changed))


@pytest.fixture(scope="module")
def text():
    return report(six())


@pytest.fixture(scope="module")
def page(text):
    return check_self_contained(text)


def test_the_check_of_addresses_can_fail():
    for bad in (
        '<img src="http://a.b/c.png">',
        '<img src="//a.b/c.png">',
        '<link href="a.css">',
        "<style>p { background: url(a.png) }</style>",
        '<p style="background:url(a)">x</p>',
        '<p onclick="x()">x</p>',
        "<script>1</script>",
        '<a href="https://a.b">x</a>',
    ):
        policy = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
        check_self_contained(policy)
        with pytest.raises(AssertionError):
            check_self_contained(policy + bad)
    with pytest.raises(AssertionError):
        check_self_contained(policy + "<p>")


def test_question_answer_pictures_table_and_small_print_are_there(page):
    assert "Two programmers or four receptionists?" in page.text
    best = "Best is receptionist.staff=4, programmer.staff=2:"
    assert f"{best} the mean wait of a guest is 2.90 minutes instead of 12 minutes." in page.text
    assert re.search(
        r"Compared on the same random numbers, that is 9\.10 ± [0-9.]+ minutes less than today\.", page.text
    )
    assert "It costs 1,824 a day more: 3,648 instead of 1,824." in page.text
    assert PROMISE in page.text
    assert len(page.all("img")) == 3
    assert len(page.all("tr")) == 7
    assert [each["class"] for each in page.all("tr") if each] == ["best"]
    for words in ("Seed 11", "24 replications of each of 6 scenarios", "1,440 minutes", "numpy", "Kim and Nelson"):
        assert words in page.text


def test_pictures_are_told_to_those_who_cannot_see_them(page):
    for each in page.all("img"):
        assert len(each["alt"]) > 30
    assert "A guest waits 2.90 minutes with" in page.all("img")[0]["alt"]


def test_a_phone_is_thought_of(page, text):
    assert "width=device-width" in next(each["content"] for each in page.all("meta") if each.get("name") == "viewport")
    assert "@media print" in text
    assert "@media (max-width" in text


@pytest.mark.theory  # it draws a lot
def test_the_same_study_is_the_same_bytes(text, tmp_path):
    write_report(six(), tmp_path / "page.html")
    assert (tmp_path / "page.html").read_bytes() == text.encode()
    assert report(six(title="Another?")) != text


def test_nothing_that_was_written_becomes_part_of_the_page():
    chain = chain_of("""
    actors: {receptionist: {lane: contact, staff: 2, wage: 18}, "<b onload=x>& programmer": {lane: backstage, staff: 1}}
    services:
      check in: {by: receptionist, steps: [{work: 3}, {ask: unlock}]}
      unlock: {by: "<b onload=x>& programmer", steps: [{work: 1}]}
    customers: {"<i>guest": {arrivals: "poisson(rate=20/h)", journey: [{ask: check in}]}}
    """)
    chain = type(chain).from_dict(chain.to_dict() | {"chain": f"chain {EVIL}", "about": f"about {EVIL}"})
    study = made_study(
        [9.0, 4.0],
        scenarios=[{"name": f"more {EVIL}", "set": {"actors.receptionist.staff": 3}}],
        chain=chain,
        metric="customers.<i>guest.wait",
        parts={("receptionist", "work"): 0.5, ("<b onload=x>& programmer", "work"): 0.5},
        best=(1,),
        title=f"title {EVIL}",
    )
    page = check_self_contained(report(study))
    for what in ("title", "more", "chain", "about"):
        assert f"{what} {EVIL}" in page.text
    assert "the mean wait of a <i>guest is 4" in page.text


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"best": (0,)},
            r"Leave it as it is: the mean wait of a guest is 12\S* ± \S+ minutes, and nothing tried is better\.",
        ),
        ({"best": ()}, r"No scenario can be called the best\."),
        (
            {"best": (3, 5)},
            r"Equally good: receptionist\.staff=3, programmer\.staff=2, receptionist\.staff=4, programmer",
        ),
        ({"spread": 40.0}, r"less than today; that may be chance\."),
        ({"costs": [1000.0] * 6}, r"It costs what it costs today, 1,000 a day\."),
        ({"costs": [3648.0] * 5 + [1824.0]}, r"It costs 1,824 a day less: 1,824 instead of 3,648\."),
    ],
)
def test_the_answer_says_what_came_out(changed, told):
    assert re.search(told, " ".join(answer(six(**changed))))


def test_more_of_what_is_good_is_more():
    happy = {"customers.guest.satisfaction": [0.5, 0.6, 0.7, 0.9, 0.8, 0.95]}
    told = " ".join(answer(six(more=happy, metric="customers.guest.satisfaction", goal="max")))
    assert "the mean satisfaction of a guest is 0.950 instead of 0.500." in told
    assert re.search(r"that is 0\.45\S* ± \S+ more than today\.", told)


def test_scenarios_with_fewer_replications_are_compared_on_what_both_have():
    study = six()
    best = replace(study.scenarios[5], replications=16)
    study = replace(study, scenarios=(*study.scenarios[:5], best))
    assert "Compared on the 16 replications that both have been run on, that is 9.10" in " ".join(answer(study))
    assert ("How often", "16 to 24 replications of each of 6 scenarios") in facts_of_study(study)


def test_what_is_not_known_is_left_out():
    page = check_self_contained(report(made_study([math.nan, math.nan], vary={"receptionist.staff": [2, 3]})))
    assert "cost" not in page.text.lower()
    assert len(page.all("img")) == 1
    assert "–" in page.text
    alone = check_self_contained(report(made_study([5.0])))
    assert "nothing else was tried" in alone.text
    assert "today" not in alone.text.replace("A guest waits 5 minutes today", "")


def test_a_file_that_exists_is_kept_unless_it_may_go(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("mine")
    study = made_study([5.0])
    with pytest.raises(FileProblem, match="exists"):
        write_report(study, path)
    assert path.read_text() == "mine"
    write_report(study, path, overwrite=True)
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(FileProblem):
        write_report(study, tmp_path / "nowhere" / "page.html")


def test_the_metric_of_the_question_is_the_first_of_the_table(page):
    assert GUEST == "customers.guest.wait"
    assert "scenario guest: wait (minutes) against today cost a day replications" in page.text

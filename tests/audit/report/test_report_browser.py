"""Reports in a real headless Chromium: they load without a word or a request, work by mouse and keyboard, fit, and print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import chromium
import documents
import evaluated
import pytest

from facegen.audit.report import audit_html, compare_html, counterfactual_html, recogniser_html

pytestmark = pytest.mark.skipif(chromium.BINARY is None, reason="no chromium is installed; apt-get install chromium")

LOWEST_CONTRAST = """(() => {
  const parse = (c) => { const v = c.match(/[\\d.]+/g).map(Number); return v.length < 4 ? [...v, 1] : v; };
  const linear = (x) => (x /= 255) <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  const light = (c) => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
  const paper = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c[3] === 1) return c;
    }
    return parse(getComputedStyle(document.body).backgroundColor);
  };
  let worst = [99, ''], seen = 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !e.getClientRects().length || e.closest('script, .plot, option, .hear')) continue;
    const a = light(parse(getComputedStyle(e).color)), b = light(paper(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    seen += 1;
    if (ratio < worst[0]) worst = [ratio, e.outerHTML.slice(0, 120)];
  }
  return [...worst, seen];
})()"""


@pytest.fixture(scope="module")
def browser() -> Iterator[chromium.Chromium]:
    found = chromium.Chromium()
    yield found
    found.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    home = tmp_path_factory.mktemp("reports")
    texts = {
        "audit": audit_html(documents.audit()),
        "hostile": audit_html(documents.hostile()),
        "compare": compare_html(documents.compare()),
        "counterfactual": counterfactual_html(documents.counterfactual()),
        "recogniser": recogniser_html(evaluated.recogniser()),
        "hostile_recogniser": recogniser_html(evaluated.recogniser(name=documents.HOSTILE)),
    }
    for name, text in texts.items():
        (home / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: home / f"{name}.html" for name in texts}


ALL = ("audit", "hostile", "compare", "counterfactual", "recogniser", "hostile_recogniser")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ALL)
def test_loads_silently_asks_for_nothing_and_fits(
    browser: chromium.Chromium, pages: dict[str, Path], name: str, dark: bool, width: int
) -> None:
    browser.open(pages[name], width, dark)
    browser.draw_all()
    assert browser.logged == []
    assert [u for u in browser.asked if not u.startswith("data:")] == [pages[name].resolve().as_uri()]
    assert browser.js("document.documentElement.scrollWidth") == width
    assert browser.js("window.broken") is None
    assert browser.js("[...document.querySelectorAll('.plot')].filter(p => p.querySelector('.main-svg')).length") > 0


@pytest.mark.parametrize("name", ALL)
def test_nothing_moves_as_figures_are_drawn(browser: chromium.Chromium, pages: dict[str, Path], name: str) -> None:
    browser.open(pages[name])
    tops = "[...document.querySelectorAll('h2, h3, table, .plot')].map(e => Math.round(e.getBoundingClientRect().top + scrollY))"
    before = browser.js(tops)
    browser.draw_all()
    assert browser.js(tops) == before


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ALL)
def test_every_text_can_be_read(browser: chromium.Chromium, pages: dict[str, Path], name: str, dark: bool) -> None:
    browser.open(pages[name], 1280, dark)
    browser.js("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    for view in ("n", "r", "t"):
        if browser.js("!!document.getElementById('view')"):
            browser.js(f"view.value = '{view}'; view.dispatchEvent(new Event('change'))")
        worst, where, seen = browser.js(LOWEST_CONTRAST)
        assert seen > 50 and worst >= 4.5, where


def test_the_dark_scheme_is_dark(browser: chromium.Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["audit"], dark=True)
    browser.draw_all()
    ink = "document.querySelector('.plot .xtick text').style.fill"
    dark = [browser.js("getComputedStyle(document.body).backgroundColor"), browser.js(ink)]
    browser.scheme(False)
    browser.until(f"{ink} !== '{dark[1]}'")
    assert dark == ["rgb(20, 23, 28)", "rgb(233, 235, 239)"]
    assert browser.js("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def column(table: str, at: int) -> str:
    rows = f"[...document.querySelectorAll('#{table} tbody tr')].filter(r => !r.hidden)"
    return f"{rows}.map(r => r.cells[{at}].dataset.v ?? r.cells[{at}].textContent)"


def test_sorting_by_mouse_and_by_keyboard(browser: chromium.Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["audit"])
    table, button = "cells-identity", "#cells-identity thead th:nth-child(4) .sort"
    before = [int(v) for v in browser.js(column(table, 3))]
    state = "document.querySelector('#cells-identity thead th:nth-child(4)').getAttribute('aria-sort')"
    assert browser.js(state) == "none"
    browser.click(button)
    browser.until(f"{state} === 'descending'")
    assert [int(v) for v in browser.js(column(table, 3))] == sorted(before, reverse=True)
    browser.js(f"document.querySelector('{button}').focus()")
    browser.press("Enter")
    browser.until(f"{state} === 'ascending'")
    assert [int(v) for v in browser.js(column(table, 3))] == sorted(before)
    browser.press(" ")
    browser.until(f"{state} === 'descending'")
    browser.js("document.querySelector('#cells-identity thead th:nth-child(2) .sort').focus()")
    assert browser.js("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press("Enter")
    browser.until(f"{state} === 'none'")
    ages = browser.js(column(table, 1))
    assert ages == sorted(ages)


def test_filters_by_typing_choosing_and_ticking(browser: chromium.Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["audit"])
    box = ".filter[data-table=cells-identity]"
    said = f"document.querySelector('{box} output').textContent"
    assert browser.js(said) == "40 of 40 rows"
    browser.click(f"{box} input[type=search]")
    browser.until(f"document.activeElement === document.querySelector('{box} input[type=search]')")
    browser.write("18-29 female")
    browser.until(f"{said} === '5 of 40 rows'")
    assert set(browser.js(column("cells-identity", 1))) == {"18-29"}
    browser.js(f"document.querySelector('{box} select[data-column=\"2\"]').focus()")
    browser.press("ArrowDown")
    browser.until(f"{said} === '1 of 40 rows'")
    browser.js(
        f"(e => {{ e.value = ''; e.dispatchEvent(new Event('input', {{bubbles: true}})); }})"
        f"(document.querySelector('{box} input[type=search]'))"
    )
    assert browser.js(said) == "8 of 40 rows" and set(browser.js(column("cells-identity", 2))) == {"1"}
    browser.js(f"document.querySelector('{box} select[data-column=\"2\"]').selectedIndex = 5")
    browser.click(f"{box} [data-empty]")
    browser.until(f"{said} === '8 of 40 rows'")
    assert set(browser.js(column("cells-identity", 3))) == {"0"}
    browser.js(f"document.querySelector('{box} [data-empty]').focus()")
    browser.press(" ")
    browser.until(f"!document.querySelector('{box} [data-empty]').checked")


def test_levels_and_pairs_are_chosen(browser: chromium.Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["audit"])
    visible = "[...document.querySelectorAll('.pair')].filter(p => p.offsetParent)"
    shown = f"{visible}.map(p => p.parentElement.dataset.level + ' ' + p.dataset.pair)"
    assert browser.js(shown) == ["identity sex-age_band"]
    browser.js("document.querySelector('input[name=level]').focus()")
    browser.press("ArrowDown")
    browser.until(f"JSON.stringify({shown}) === '[\"image sex-age_band\"]'")
    browser.js("document.getElementById('pair').focus()")
    browser.press("ArrowDown")
    browser.until(f"JSON.stringify({shown}) === '[\"image sex-skin_monk\"]'")
    cell = "document.querySelector('.level.on .pair.on td[data-n]')"
    count = browser.js(f"{cell}.textContent")
    browser.js("view.value = 't'; view.dispatchEvent(new Event('change'))")
    assert browser.js(f"{cell}.textContent").endswith("%") and browser.js(f"{cell}.className").startswith("d")
    browser.js("view.value = 'n'; view.dispatchEvent(new Event('change'))")
    assert browser.js(f"{cell}.textContent") == count and browser.js(f"{cell}.className").startswith("a")


def test_the_first_tab_skips_to_the_report_and_boxes_can_be_reached(browser: chromium.Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["audit"])
    browser.press("Tab")
    browser.until("document.activeElement.className === 'skip'")
    assert browser.js("document.activeElement.getBoundingClientRect().left") >= 0
    browser.press("Enter")
    browser.until("document.activeElement.id === 'report'")
    wide = "e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'auto' && e.tagName !== 'OL'"
    scrolling = f"[...document.querySelectorAll('*')].filter(e => {wide})"
    assert browser.js(f"{scrolling}.every(e => e.tabIndex === 0 && e.getAttribute('aria-label'))")


def test_a_link_to_a_folded_part_opens_it(browser: chromium.Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["audit"])
    assert not browser.js("document.getElementById('z-light').open")
    browser.click("a[href='#z-light']")
    browser.until("document.getElementById('z-light').open")


def test_everything_stands_there_without_javascript(browser: chromium.Chromium, pages: dict[str, Path]) -> None:
    for name in ALL:
        browser.open(pages[name], 390, scripts=False)
        assert browser.js("document.documentElement.scrollWidth") == 390
        parts = "[...document.querySelectorAll('table, h2, h3')]"
        hidden = f"{parts}.filter(e => !e.offsetParent && !e.closest('details:not([open])')).length"
        assert browser.js(hidden) == 0, name
        assert browser.js("[...document.querySelectorAll('select, input, .plot')].filter(e => e.offsetParent).length") == 0


def test_print_opens_everything_and_cuts_nothing(browser: chromium.Chromium, pages: dict[str, Path]) -> None:
    for name in ALL:
        browser.open(pages[name], 1280)
        browser.draw_all()
        data = browser.pdf()
        assert data.startswith(b"%PDF-") and data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") > 1
        assert browser.js("document.querySelectorAll('details[open]').length") <= 3  # folded again afterwards
        browser.call("Emulation.setDeviceMetricsOverride", width=703, height=1000, deviceScaleFactor=1, mobile=False)
        browser.call("Emulation.setEmulatedMedia", media="print")
        assert browser.js("document.documentElement.scrollWidth") <= 703, name  # A4 less its margins, at 96 px an inch
        assert browser.js("[...document.querySelectorAll('select, input, .plot, nav')].filter(e => e.offsetParent).length") == 0
        assert browser.js("[...document.querySelectorAll('.level, .pair')].every(e => e.offsetParent)")
        browser.call("Emulation.setEmulatedMedia", media="")
    assert browser.logged == []

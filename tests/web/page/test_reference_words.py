"""The pages of the vendors' documents in a Chromium: no word is broken that its line could hold."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.providers import names
from bodydouble.testing import Emulator
from tests.web.browser import chromium, needed

pytestmark = [pytest.mark.browser, needed]
BROKEN = """
() => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  const out = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    let block = node.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    const style = getComputedStyle(block);
    const room = block.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    for (const word of node.data.matchAll(/[\\p{L}\\p{N}_]+/gu)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const parts = [...range.getClientRects()].filter((one) => one.width);
      const lines = new Set(parts.map((one) => Math.round(one.top)));
      const wide = parts.reduce((sum, one) => sum + one.width, 0);
      if (lines.size > 1 && wide <= room) out.push(word[0]);
    }
  }
  return {out: out.slice(0, 9), words: document.body.innerText.split(/\\s+/).length,
          over: document.documentElement.scrollWidth - innerWidth};
}
"""


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_no_word_is_broken_in_two_and_no_page_scrolls_sideways(
    emulator: Emulator, width: int
) -> None:
    with chromium() as running:
        page: Any = running.new_page(viewport={"width": width, "height": 900})
        for name in names():
            page.goto(f"{emulator.url}/{name}/docs")
            seen = page.evaluate(BROKEN)
            assert seen["words"] > 300, f"{name}: next to nothing was looked at"
            assert seen["out"] == [], f"{name} at {width} px"
            assert seen["over"] <= 0, f"{name} at {width} px scrolls sideways"

"""The report as JUnit XML: a class per family and column, a case per contract."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

from bodydouble_contracts.reports.terminal import breach_lines

Json = Any
SKIPPED = ("not run", "not applicable", "excused", "inconclusive")
UNPRINTABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Json) -> str:
    """Return the XML text; what is not run or not applicable is skipped with its reason."""
    root = ET.Element("testsuites", name="contracts")
    known = {c["id"]: c for c in report["contracts"]}
    for column in report["columns"]:
        cells = [c for c in report["cells"] if c["column"] == column["id"]]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=column["id"],
            tests=str(len(cells)),
            failures=str(sum(c["failing"] and c["verdict"] != "error" for c in cells)),
            errors=str(sum(c["verdict"] == "error" for c in cells)),
            skipped=str(sum(c["verdict"] in SKIPPED for c in cells)),
        )
        for cell in cells:
            _case(suite, cell, known[cell["contract"]], report)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, cell: Json, contract: Json, report: Json) -> None:
    family = f"{cell['column']}.{report['families'][contract['family']]}"
    case = ET.SubElement(suite, "testcase", classname=family, name=cell["contract"], time="0")
    properties = ET.SubElement(case, "properties")
    facts = {
        "level": cell["level"],
        "tier": contract["tier"],
        "verdict": cell["verdict"],
        "count": cell["count"],
        "seed": report["head"]["seed"],
        "sentence": contract["sentence"],
    }
    for name, value in facts.items():
        ET.SubElement(properties, "property", name=name, value=printable(str(value)))
    text = printable("\n".join(breach_lines(cell, contract)))
    message = printable(f"{cell['verdict']}: {contract['sentence']}")
    if cell["verdict"] == "error":
        ET.SubElement(case, "error", message=message).text = text
    elif cell["failing"]:
        ET.SubElement(case, "failure", message=message).text = text
    elif cell["verdict"] in SKIPPED:
        ET.SubElement(case, "skipped", message=printable(f"{cell['verdict']}: {cell['reason']}"))


def printable(text: str) -> str:
    """Return text without characters that XML cannot hold."""
    return UNPRINTABLE.sub("\ufffd", text)

"""Opens the documents of a run with programs that know nothing of the one that wrote them.

usage: check.py READER FOLDER; the folder holds report-{en,zh}.{docx,pptx,xlsx,pdf}, memo-{en,zh}.{docx,pdf} and package.zip.
Exit code 0: all is well; 1: what is wrong stands on standard error.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

MARK = {"en": "Internal", "zh": "内部资料"}


def docx(folder):
    import docx as reader

    for lang in ("en", "zh"):
        file = reader.Document(folder / f"report-{lang}.docx")
        headings = [p.text for p in file.paragraphs if p.style.name == "Heading 1"]
        assert len(headings) >= 8, headings
        assert len(file.tables) > 20
        for table in file.tables:
            width = len(table.columns)
            assert all(len(row.cells) == width for row in table.rows)
        assert MARK[lang] in file.sections[0].header.paragraphs[0].text
        shapes = file.inline_shapes
        assert len(shapes) >= 5
        for shape in shapes:
            assert shape._inline.docPr.get("descr")


def pptx(folder):
    import io

    import openpyxl
    from pptx import Presentation

    for lang in ("en", "zh"):
        file = Presentation(folder / f"report-{lang}.pptx")
        assert abs(file.slide_width / file.slide_height - 16 / 9) < 1e-3
        charts = tables = 0
        kinds = set()
        for slide in file.slides:
            assert slide.shapes.title is not None and slide.shapes.title.text_frame.text.strip()
            text = " ".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)
            assert MARK[lang] in text, text
            assert slide.has_notes_slide and MARK[lang] in slide.notes_slide.notes_text_frame.text
            for shape in slide.shapes:
                if shape.has_chart:
                    charts += 1
                    chart = shape.chart
                    kinds.add(chart.chart_type)
                    book = openpyxl.load_workbook(
                        io.BytesIO(chart.part.chart_workbook.xlsx_part.blob), data_only=True
                    )
                    sheet = book.worksheets[0]
                    categories = list(chart.plots[0].categories)
                    assert categories == [sheet.cell(row=i + 2, column=1).value for i in range(len(categories))]
                    for k, series in enumerate(chart.plots[0].series):
                        assert series.name == sheet.cell(row=1, column=k + 2).value
                        for i, value in enumerate(series.values):
                            assert value == sheet.cell(row=i + 2, column=k + 2).value, (series.name, i)
                if shape.has_table:
                    tables += 1
                    assert shape.table.first_row
        assert charts >= 5 and tables >= 5 and len(kinds) >= 3, (charts, tables, kinds)


def xlsx(folder):
    import openpyxl

    for lang in ("en", "zh"):
        book = openpyxl.load_workbook(folder / f"report-{lang}.xlsx")
        assert len(book.sheetnames) > 20
        formulas = 0
        for sheet in book:
            assert MARK[lang] in (sheet.oddHeader.center.text or ""), sheet.title
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        formulas += 1
                        ours = ("=SUBTOTAL(", "=_xlfn.AGGREGATE(", "=IF(", "=ROWS(")
                        assert str(cell.value).startswith(ours), (sheet.title, cell.coordinate, cell.value)
        assert formulas > 100


def pdf(folder):
    import pypdf

    for lang in ("en", "zh"):
        for name in ("report", "memo"):
            file = pypdf.PdfReader(folder / f"{name}-{lang}.pdf")
            root = file.trailer["/Root"]
            assert root["/MarkInfo"]["/Marked"]
            assert str(root["/Lang"]).startswith(lang)
            assert "/StructTreeRoot" in root
            assert "pdfuaid" in root["/Metadata"].get_object().get_data().decode("utf-8")
            tags = {}
            stack = [root["/StructTreeRoot"]]
            while stack:
                node = stack.pop().get_object()
                if isinstance(node, list):
                    stack.extend(node)
                    continue
                if not hasattr(node, "get"):
                    continue
                tag = node.get("/S")
                if tag:
                    tags[tag] = tags.get(tag, 0) + 1
                    if tag == "/Figure":
                        assert node.get("/Alt"), "a figure without alternative text"
                kids = node.get("/K")
                if kids is not None and not isinstance(kids, int):
                    stack.extend(kids if isinstance(kids, list) else [kids])
            assert tags.get("/H1") and tags.get("/Table") and tags.get("/TH"), tags
            if name == "report":
                assert tags["/Figure"] >= 5 and tags["/Caption"] >= 20, tags
                assert len(file.outline) >= 8
            else:
                assert len(file.pages) <= 2, len(file.pages)
            for page in file.pages:
                assert MARK[lang] in page.extract_text().replace("\n", "")


def libreoffice(folder):
    """Formulas give the stored results; the office program opens every document."""
    import openpyxl
    import pypdf

    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)

        def convert(file, kind):
            home = f"-env:UserInstallation=file://{scratch}/home"
            command = ["soffice", home, "--headless", "--convert-to", kind, "--outdir", scratch / "out", file]
            subprocess.run(command, check=True, capture_output=True, timeout=300)
            return scratch / "out" / f"{file.stem}.{kind}"

        stored = openpyxl.load_workbook(folder / "report-en.xlsx", data_only=True)
        bare = openpyxl.load_workbook(folder / "report-en.xlsx")
        # Saved without results: the office program has to compute them.
        bare.save(scratch / "bare.xlsx")
        computed = openpyxl.load_workbook(convert(scratch / "bare.xlsx", "xlsx"), data_only=True)
        compared = 0
        for sheet in bare:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type != "f":
                        continue
                    one = stored[sheet.title][cell.coordinate].value
                    two = computed[sheet.title][cell.coordinate].value
                    if isinstance(one, (int, float)) and isinstance(two, (int, float)):
                        assert abs(one - two) <= 1e-9 * max(1.0, abs(one)), (sheet.title, cell.coordinate, one, two)
                        compared += 1
                    else:
                        assert (one or "") == (two or ""), (sheet.title, cell.coordinate, one, two)
        assert compared > 100
        for lang in ("en", "zh"):
            for name in (f"report-{lang}.docx", f"report-{lang}.pptx"):
                assert len(pypdf.PdfReader(convert(folder / name, "pdf")).pages) > 10, name
            # English of size 3 runs over by a sentence where a wide face stands in for Times New Roman.
            for name, most in (("memo", 2), ("official", 2 if lang == "zh" else 3)):
                memo = pypdf.PdfReader(convert(folder / f"{name}-{lang}.docx", "pdf"))
                assert len(memo.pages) <= most, (name, lang, len(memo.pages))


def rocrate(folder):
    from rocrate.rocrate import ROCrate

    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(folder / "package.zip") as archive:
            archive.extractall(scratch)
        crate = ROCrate(scratch)
        actions = [e for e in crate.get_entities() if e.type == "CreateAction"]
        # A step that refused has no table.
        assert len(actions) > 20 and sum(bool(a.get("result")) for a in actions) > 20
        for action in actions:
            assert action["instrument"]["name"] == "Forelay"
        files = [e for e in crate.data_entities if e.type == "File"]
        for file in files:
            assert (pathlib.Path(scratch) / file.id).is_file(), file.id
        inside = {str(p.relative_to(scratch)) for p in pathlib.Path(scratch).rglob("*") if p.is_file()}
        assert inside == {f.id for f in files} | {"ro-crate-metadata.json"}
        sums = subprocess.run(["sha256sum", "-c", "--quiet", "sha256sums.txt"], cwd=scratch, capture_output=True)
        assert sums.returncode == 0, sums.stdout


def validator(folder):
    """The required checks of the profile; the two that fetch contexts from the network are left out."""
    import rdflib.plugins.shared.jsonld.context as context
    import rocrate
    from rocrate_validator import models, services

    data = pathlib.Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld"
    known = {
        "https://w3id.org/ro/crate/1.1/context": json.loads(data.read_text()),
        "https://w3id.org/ro/terms/workflow-run/context": {
            "@context": {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}
        },
    }
    fetch = context.Context._fetch_context

    def here(self, source, base, referenced):
        return known[source] if source in known else fetch(self, source, base, referenced)

    context.Context._fetch_context = here
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(folder / "package.zip") as archive:
            archive.extractall(scratch)
        settings = services.ValidationSettings(
            rocrate_uri=scratch,
            profile_identifier="process-run-crate",
            requirement_severity=models.Severity.REQUIRED,
        )
        found = services.validate(settings)
        network = {"ro-crate-1.1_3.1", "ro-crate-1.1_3.2"}
        faults = [f"{i.check.identifier}: {i.message}" for i in found.get_issues() if i.check.identifier not in network]
        assert not faults, faults
        assert len(found.executed_checks) > 20, len(found.executed_checks)


if __name__ == "__main__":
    try:
        globals()[sys.argv[1]](pathlib.Path(sys.argv[2]))
    except AssertionError as wrong:
        import traceback

        traceback.print_exc()
        sys.exit(1)

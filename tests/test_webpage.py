"""Web pages as a browser shows them: what is hidden is not read, and what stands apart is not glued."""

import pytest

from llm_workbook.corpus.webpage import visible_lines


def seen(markup: str) -> list[str]:
    """The lines that are not empty."""
    return [line for line, _ in visible_lines(markup) if line]


BLOCKS = (  # noqa: SIM905
    "address article aside blockquote center details dialog_open div dl dt dd fieldset figcaption figure footer form h1"
    " h2 h3 h4 h5 h6 header hgroup li main menu nav ol option p pre search section summary ul"
).split()


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_stand_on_lines_of_their_own(name):
    name, _, attribute = name.partition("_")
    assert seen(f"before<{name} {attribute}>one</{name}><{name} {attribute}>two</{name}>after") == [
        "before", "one", "two", "after"
    ]  # fmt: skip


@pytest.mark.parametrize(("markup", "lines"), [
    ("one<br>two<br/>three</br>four", ["one", "two", "three", "four"]),
    ("one<hr>two", ["one", "two"]),
    ("<table><caption>C</caption><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr>"
     "<tfoot><tr><td>3<td>4</table>x", ["C", "A | B", "1 | 2", "3 | 4", "x"]),
    ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", ["a | b", "c | d"]),
    ("<table><tr><td><p>a</p></td><td><p>b</p></td></tr><tr><td></td><td>d</td></tr></table>", ["a | b", "| d"]),
    ("<table><tr><td>a</td><td></td><td>c</td><td></td></tr></table>", ["a | | c"]),
    ("<table><tr><td>a<br>b</td><td>c</td></tr></table>", ["a", "b | c"]),
    ("<ul><li>one<ul><li>two</ul><li>three</ul>", ["one", "two", "three"]),
    ("<dl><dt>Notice<dd>30 days<dt>Fee<dd>EUR 5</dl>", ["Notice", "30 days", "Fee", "EUR 5"]),
    ("<pre>a  b\n  c\nd</pre>", ["a  b", "c", "d"]),
    ("<div style='white-space: pre-line'>a\nb</div>", ["a", "b"]),
    ("a\n  b\tc&nbsp;d", ["a b c d"]),
    ("<b>a</b><i>b</i> <span>c</span>", ["ab c"]),
    ("<span style='display:block'>a</span><span style='display: block'>b</span>", ["a", "b"]),
    ("<div style='display:inline'>a</div><div style='display:inline'>b</div>", ["ab"]),
    ("&lt;five&gt; &amp; &euro;&#147;q&#148;&#x2014;", ["<five> & €“q”—"]),
    ("<p>A <q>quote</q>", ["A “quote”"]),
    ("fee <input value='EUR 5'> <input type=hidden value=x><input type=checkbox checked> net", ["fee  EUR 5   ☒  net"]),
    ("<textarea>EUR 5\nnet</textarea>", ["EUR 5", "net"]),
    ("<button>Yes</button><button>No</button>", ["Yes  No"]),
    ("<details><summary>More</summary>EUR 5</details>", ["More", "EUR 5"]),
    ("<p aria-hidden=true>EUR 5", ["EUR 5"]),
    ("<div style='display:flex'><span>Fee</span><span>EUR 5</span></div>", ["Fee  EUR 5"]),
    ("<style>.r{display: inline-grid}</style><div class=r><b>Fee</b><b>EUR 5</b></div>", ["Fee  EUR 5"]),
    ("<p>30<sup>1</sup> days, 5 m<sup>2</sup>, 1<sup>st</sup>", ["30¹ days, 5 m², 1st"]),
    ("<p>30<sup><a href=#n>12</a></sup> days", ["30¹² days"]),
    ("<p>EUR <del>5</del><ins>6</ins> <s>7</s>8", ["EUR  5 6  7 8"]),
    ("<p>not&shy;with&#8203;stand<wbr>ing", ["notwithstanding"]),
    ("<head><title>T</title><meta charset=utf-8><body>x", ["x"]),
    ("<div>" * 3000 + "deep" + "</div>" * 3000 + "<p>after", ["deep", "after"]),
])  # fmt: skip
def test_words_are_separate_where_a_person_sees_them_apart(markup, lines):
    assert seen(markup) == lines


HIDDEN = [
    "<p hidden>x</p>", "<p hidden=''>x<p>", "<div hidden><p>x</p>x</div>", "<p hidden='until-found'>x</p>",
    "<p style='display:none'>x</p>", "<p style='DISPLAY : NONE !important;color:red'>x</p>",
    "<p style='visibility:hidden'>x</p>", "<p style='visibility: collapse'>x<b>x</b></p>", "<p style='opacity:0'>x</p>",
    "<p style='display:block;display:none'>x</p>", "<template><p>x</p></template>", "<noscript><p>x</p></noscript>",
    "<script>x</script>", "<style>x{}</style>", "<!-- x -->", "<!--[if mso]>x<![endif]-->", "<title>x</title>",
    "<dialog>x</dialog>", "<div popover>x</div>", "<datalist><option>x</datalist>", "<iframe>x</iframe>",
    "<canvas>x</canvas>", "<video>x</video>", "<ix:header><ix:hidden>x</ix:hidden></ix:header>",
    "<svg><title>x</title></svg>", "<p style='content-visibility:hidden'>x</p>",
    "<p style='font-size: 0px'>x<b>x</b></p>",
    "<p style='position:absolute; left:-9999px'>x</p>", "<p style='position:fixed;top: -100em'>x</p>",
    "<style>.d{display:none !important}</style><p class=d style='display:block'>x</p>",
    "<style>.d{display:none}</style><style>p{display:block}</style><p class=d>x</p>",
    "<style>#d, u{display:none} p.c, p[class]{display:block}</style><p class=c id=d>x</p>",
    "<style>.d{display:none}</style><p class=d>x</p>", "<style>/*c*/ p , .d {\n visibility : hidden }</style><p>x</p>",
    "<style>@media screen{.d{display:none}}</style><p class=d>x</p>", "<table><tr hidden><td>x</td></tr></table>",
]  # fmt: skip


@pytest.mark.parametrize("markup", HIDDEN)
def test_what_a_browser_hides_is_not_read(markup):
    assert seen(f"<div>before</div>{markup}<div>after</div>") == ["before", "after"]


@pytest.mark.parametrize("markup", [
    "<p hidden>draft<p>x", "<li hidden>draft<li>x", "<p hidden style='display:block'>x", "<dialog open>x</dialog>",
    "<p style='visibility:hidden'>draft <b style='visibility:visible'>x</b>", "<p style='display:none;display:block'>x",
    "<style>@media print{p{display:none}}</style><p>x",
    "<style>@media (max-width: 9px){p{display:none}} b{}</style><p>x",
    "<style>p{display:none} p{display:block}</style><p>x", "<style>p::before{display:none}</style><p>x",
    "<style>p{display:none}</style><p style='display:block'>x", "<style>@import 'a.css'; b{display:none}</style><p>x",
    "<style>#d{display:block} p, .c{display:none}</style><p id=d class=c>x",
    "<style>.c p{display:none} p{display:block !important}</style><div class=c><p>x</div>",
    "<p style='font-size:0'>y<b style='font-size:12px'>x</b>", "<p style='font-size:0.8em'>x",
    "<p style='position:relative;left:-1px'>x", "<p style='left:-9999px'>x",
    "<p style='text-decoration:line-through'>x",
    "<del>x</del>", "<p style='background:none'>x", "<p style='opacity:0.5'>x", "<p data-hidden>x", "<p title=hidden>x",
])  # fmt: skip
def test_what_a_browser_shows_is_read(markup):
    assert seen(markup) == ["x"]


def test_headings_are_marked():
    lines = visible_lines("<h2>3. <b>Cap</b></h2><p>The cap.<h3>Next</h3>")
    assert [line for line, heading in lines if heading] == ["3. Cap", "Next"]

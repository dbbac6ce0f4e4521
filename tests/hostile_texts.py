"""Texts that would run, call out or mislead where a program took them for more than text."""

EVIL = "evil.example"
"""No such host exists; a request to it is one too many."""
RUN = "window.ran=1"
"""What a text that runs leaves behind."""

TEXTS = {
    "script": f"<script>{RUN}</script>",
    "image that fails": f"<img src=x onerror={RUN}>",
    "image of another host": f'<img src="https://{EVIL}/i.png">',
    "svg": f"<svg onload={RUN}>",
    "script in svg": f"<svg><script>{RUN}</script></svg>",
    "use in svg": f'<svg><use href="https://{EVIL}/s#x"/></svg>',
    "link in svg": f'<svg><a xlink:href="javascript:{RUN}"><text>cell</text></a></svg>',
    "style with an address": f'<span style="background:url(https://{EVIL}/b)">In0</span>',
    "link": f'<a href="https://{EVIL}/phish">cell</a>',
    "link that runs": f'<a href="javascript:{RUN}">cell</a>',
    "link to data": '<a href="data:text/html;base64,PHNjcmlwdD4=">cell</a>',
    "link without quotes": f"<a href=//{EVIL}>cell</a>",
    "address that runs": f"javascript:{RUN}",
    "address with data": f"data:text/html,<script>{RUN}</script>",
    "address": f"https://{EVIL}/",
    "markdown link": f"[cell](https://{EVIL})",
    "markdown link that runs": f"[cell](javascript:{RUN})",
    "markdown picture": f"![cell](https://{EVIL}/i.png)",
    "mathjax": r"$\href{javascript:window.ran=1}{cell}$",
    "mathjax in a row": r"$$\frac{1}{2}$$ \(x\) \[y\]",
    "template of a hover": "%{x} %{customdata} %{meta.name} %{fullData.name}<extra></extra>",
    "template of a page": "{{7*7}} {%scripts%} {#config#}",
    "template of JavaScript": "${7*7} `${window.ran=1}`",
    "template of Python": "{0} {name} {count!r} %s %(name)s {0.__class__.__mro__}",
    "style sheet": f"}}</style><style>*{{background:url(https://{EVIL}/c)}}",
    "style": f"red;background:url(//{EVIL}/c)",
    "attribute in double quotes": f'"><img src=x onerror={RUN}>',
    "attribute in single quotes": f"' onmouseover='{RUN}' x='",
    "attribute with focus": f'" autofocus tabindex=0 onfocus="{RUN}',
    "attribute with backtick": f"` onmouseover={RUN} `",
    "end of a title": f"</title><script>{RUN}</script>",
    "end of a script": f"</script><script>{RUN}</script>",
    "end of a text area": f"</textarea><img src=x onerror={RUN}>",
    "end of a comment": f"--><img src=x onerror={RUN}><!--",
    "end of character data": f"]]><img src=x onerror={RUN}>",
    "entities": "&lt;b&gt;In0&lt;/b&gt; &amp;amp; &#60;i&#62; &nbsp;",
    "mark-up of a figure": "<b>In0</b><i>-3</i><br>two<sub>3</sub><sup>4</sup>",
    "frame": f"<iframe src=//{EVIL}></iframe>",
    "frame with a document": '<iframe srcdoc="<script>parent.ran=1</script>">',
    "object": f"<object data=//{EVIL}></object><embed src=//{EVIL}>",
    "form": f"<form action=//{EVIL}><button>Save</button></form>",
    "refresh": f'<meta http-equiv=refresh content="0;url=//{EVIL}">',
    "base": f"<base href=//{EVIL}>",
    "sheet of another host": f"<link rel=stylesheet href=//{EVIL}>",
    "details": f"<details open ontoggle={RUN}>",
    "animation": f"<xss style=animation-name:x onanimationstart={RUN}>",
    "field with focus": f"<input autofocus onfocus={RUN}>",
    "mathematics": f"<math><mtext><img src=x onerror={RUN}></math>",
    "noscript": f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    "escaped": r"\u003cimg src=x onerror=window.ran=1\u003e \x3cb\x3e",
    "encoded": "%3Cimg%20src=x%20onerror=window.ran=1%3E",
    "function of a grid": f'{{"function":"{RUN}"}} params.value',
    "constructor": f'constructor.constructor("{RUN}")()',
    "name of all objects": "__proto__",
    "name of a method": "toString",
    "word of a program": "null",
    "no number": "NaN",
    "formula": f'=HYPERLINK("https://{EVIL}","cell")',
    "formula with a command": "+1+cmd|' /C calc'!A0",
    "formula with minus": "-2+3",
    "formula with at": "@SUM(1+1)",
    "path": "../../etc/passwd",
    "path of Windows": r"..\..\windows\system.ini",
    "SQL": "'; DROP TABLE cell; --",
    "separators": "a|b;c:d,e?f#g&h/i\\j",
    "quotes": "\"'`\\\u201c\u2019",
    "right to left": "\u062e\u0644\u064a\u0629 \u05e9\u05dc\u05d5\u05dd 3",
    "pictures": "\U0001f50b\U0001f9ea\U0001f1e8\U0001f1ed",
    "confusable": "\u0406n0\u20113 l\u043e\u0430d",
    "wide signs": "\uff1cscript\uff1ewindow.ran\uff1d1\uff1c\uff0fscript\uff1e",
    "piled signs": "Z\u0338\u0327\u0322\u0321a\u0334l\u0335g\u0336o",
    "blanks": "two  blanks\u00a0and\u2003more",
    "very long": "W" * 120,
}
"""What may be typed as a name, and is shown as it was typed."""


def as_file_name(text: str) -> str:
    """The text as a file may be called: a name has no folders."""
    return f"{text.replace('/', chr(0x2215)).replace(chr(92), chr(0x2216))[:116]}.csv"


def as_channel(text: str) -> str:
    r"""The text as a channel may be called: without /; a browser takes \ for it in many addresses."""
    return text.replace("/", "\\")


def as_property(text: str) -> str:
    """The text as a property may be called: without =."""
    return text.replace("=", ":")

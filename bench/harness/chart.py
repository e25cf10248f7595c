# SPDX-License-Identifier: MIT
"""One picture of a run: server CPU beside the twin, as bars, with the middle half of the runs."""

from xml.sax.saxutils import escape

from .results import quantile

COLOURS = {"ntsock": "#2f6fb0", "ntsock-uring": "#1f9e89", "ntsock-classic": "#8db8de",
           "uring": "#9a9a9a", "libuv": "#c9a227", "cond": "#9a9a9a"}
DRIVER_COLOUR = "#b9cde2"
LEFT, RIGHT, TOP, BAR, GAP, GROUP = 330, 70, 64, 13, 3, 16
WIDTH, PLOT_MAX = 960, 2.0


def groups(rows):
    """(workload, its rows without the twin); Wine is far off the scale, drivers only where told."""
    found = {}
    for row in rows:
        if not row.samples or row.server.wine or not row.ratios():
            continue
        if row.server.filters and row.workload.name not in ("echo_64", "blocking_1"):
            continue
        found.setdefault(row.workload.name, []).append(row)
    return [(name, each[1:]) for name, each in found.items() if len(each) > 1]


def place_of(ratio):
    """Where a ratio is on the horizontal axis."""
    return LEFT + min(ratio, PLOT_MAX) / PLOT_MAX * (WIDTH - LEFT - RIGHT)


def bar(row, top):
    """A bar with its name, its whisker and its figure."""
    ratios = row.ratios()
    ratio, low, high = row.ratio(), quantile(ratios, 0.25), quantile(ratios, 0.75)
    middle = top + BAR / 2
    colour = DRIVER_COLOUR if row.server.filters else COLOURS.get(row.server.key, "#777777")
    end = place_of(ratio)
    beyond = " \u2192" if ratio > PLOT_MAX else ""
    yield (f'<text x="{LEFT - 8}" y="{middle + 4}" text-anchor="end">'
           f'{escape(row.server.title.strip())}</text>')
    yield f'<rect x="{LEFT}" y="{top}" width="{end - LEFT:.1f}" height="{BAR}" fill="{colour}"/>'
    yield (f'<path d="M{place_of(low):.1f} {middle}H{place_of(high):.1f}" stroke="#222222" '
           'stroke-width="1.5"/>')
    figure = max(end, place_of(high)) + 5
    yield f'<text x="{figure:.1f}" y="{middle + 4}">{ratio:.2f}{beyond}</text>'


def axis(bottom):
    """The scale, with the twin's line."""
    for tenth in range(0, int(PLOT_MAX * 10) + 1, 2):
        at, twin = place_of(tenth / 10), tenth == 10
        colour, thick = ("#c0392b", 1.5) if twin else ("#e4e4e4", 1)
        yield (f'<path d="M{at:.1f} {TOP - 8}V{bottom}" stroke="{colour}" '
               f'stroke-width="{thick}"/>')
        yield (f'<text x="{at:.1f}" y="{TOP - 12}" text-anchor="middle" fill="#666666">'
               f'{tenth / 10:.1f}</text>')


def write(path, rows, machine):
    """Draws the picture into a file."""
    bars, top = [], TOP
    for name, each in groups(rows):
        bars.append(f'<text x="12" y="{top + 11}" font-weight="bold">{escape(name)}</text>')
        for row in each:
            bars.extend(bar(row, top))
            top += BAR + GAP
        top += GROUP
    with open(path, "w", encoding="utf-8") as out:
        out.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 10}" '
                  f'width="{WIDTH}" height="{top + 10}" font-family="sans-serif" font-size="11">\n'
                  f'<rect width="{WIDTH}" height="{top + 10}" fill="#ffffff"/>\n'
                  '<text x="12" y="20" font-size="14" font-weight="bold">Server CPU for an '
                  'operation, beside the twin in the same run (1.0, less is better)</text>\n'
                  f'<text x="12" y="36" fill="#666666">{escape(machine)}; lines: the middle half of'
                  ' the runs</text>\n')
        out.write("\n".join(axis(top - GROUP + 4)) + "\n")
        out.write("\n".join(bars) + "\n</svg>\n")

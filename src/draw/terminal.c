/* Figures in characters: Braille dots for curves, or one ASCII character to a cell. Items are told apart
 * without colour: by marks that stand on their lines now and then, and by the line's pattern; the legend
 * shows both. A surface is shown from above: contour lines in Braille, a ramp of characters in ASCII.
 *
 *     y        title
 *      8 ┤            ⡠⠊
 *      6 ┤         ⡠⠊                 The plot's cells are a window whose unit is the dot.
 *      0 └────┴────┴────┴─ x
 *        0    1    2    3
 *      ● x²   ■ secant */
#include "draw/canvas.h"

#include <math.h>
#include <string.h>

#define PAPER_MOST 1e7
enum { LINE_STEPS = 200, MARK_EVERY = 16, MAP_CELLS = 96, KINDS = 6 };

typedef struct terminal {
    draw_figure *fig;
    canvas c;
    window w; /* in dots, from the plot's upper left */
    ticks tx, ty;
    long left, top, columns, rows; /* the plot's cells */
    size_t legend_rows;
    bool several;  /* more than one line: marks are needed */
    size_t walked; /* dots since the line began: pattern and marks */
    point2 last;
} terminal;

/* ---- signs --------------------------------------------------------------------------------------------- */

static uint32_t line_sign(const terminal *t, size_t number)
{
    static const uint32_t unicode[KINDS] = {0x25cf, 0x25a0, 0x25b2, 0x25c6, 0x2715, 0x25cb};
    static const char ascii[KINDS] = {'*', '+', 'o', 'x', '#', '%'};
    return t->c.ascii ? (uint32_t)ascii[number % KINDS] : unicode[number % KINDS];
}

static uint32_t mark_sign(const terminal *t, const item *it)
{
    bool a = t->c.ascii;
    switch (it->style.mark) {
    case DRAW_MARK_CIRCLE: return a ? 'o' : 0x25cb;
    case DRAW_MARK_SQUARE: return a ? '#' : 0x25a1;
    case DRAW_MARK_TRIANGLE: return a ? 'A' : 0x25b3;
    case DRAW_MARK_DIAMOND: return a ? 'V' : 0x25c7;
    case DRAW_MARK_CROSS: return a ? 'x' : 0x2715;
    case DRAW_MARK_NONE: return 0;
    default: return a ? '@' : 0x25cf;
    }
}

static bool is_lined(const item *it)
{
    return it->kind == ITEM_CURVE || it->kind == ITEM_LINE || it->kind == ITEM_PATH;
}

/* Lines are numbered among themselves; `it` is one of the figure's. */
static size_t line_number(const terminal *t, const item *it)
{
    size_t n = 0;
    for (const item *i = t->fig->items.at; i != it; i++) n += is_lined(i);
    return n;
}

static uint32_t item_sign(const terminal *t, const item *it)
{
    switch (it->kind) {
    case ITEM_CURVE:
    case ITEM_LINE:
    case ITEM_PATH: return t->several || t->c.ascii ? line_sign(t, line_number(t, it)) : 0x2500;
    case ITEM_BAND: return t->c.ascii ? ':' : 0x2591;
    case ITEM_ARROWS: return t->c.ascii ? '>' : 0x2192;
    case ITEM_GUIDE: return t->c.ascii ? '.' : 0x250a;
    default: return mark_sign(t, it);
    }
}

/* ---- lines --------------------------------------------------------------------------------------------- */

static bool pattern_is_on(draw_line line, size_t step)
{
    switch (line) {
    case DRAW_LINE_DASHED: return step % 6 < 4;
    case DRAW_LINE_DASHDOT: return step % 9 < 5 || step % 9 == 7;
    case DRAW_LINE_DOTTED: return step % 3 == 0;
    case DRAW_LINE_LONGDASH: return step % 10 < 8;
    default: return true;
    }
}

static point2 to_dots(const terminal *t, double x, double y)
{
    double u = window_u(&t->w, x), v = window_v(&t->w, y);
    u = u > PAPER_MOST ? PAPER_MOST : u < -PAPER_MOST ? -PAPER_MOST : u;
    v = v > PAPER_MOST ? PAPER_MOST : v < -PAPER_MOST ? -PAPER_MOST : v;
    return (point2){u, v};
}

static bool is_point(point2 q)
{
    return q.x == q.x && q.y == q.y;
}

static void put_dot(terminal *t, const item *it, double u, double v, bool mark)
{
    long x = lround(u), y = lround(v);
    if (x < 0 || y < 0 || x >= t->columns * t->c.dots_x || y >= t->rows * t->c.dots_y) return;
    uint32_t sign = is_lined(it) ? item_sign(t, it)
                    : t->c.ascii ? (uint32_t)(it->kind == ITEM_SCATTER ? '|' : '.')
                                 : 0;
    long column = t->left + x / t->c.dots_x, row = t->top + y / t->c.dots_y;
    canvas_dot(&t->c, t->left * t->c.dots_x + x, t->top * t->c.dots_y + y, sign, it->style.color);
    if (mark && !t->c.ascii) canvas_glyph(&t->c, column, row, sign, it->style.color, false);
}

static void draw_segment(terminal *t, const item *it, point2 a, point2 b)
{
    if (!is_point(a) || !is_point(b) || !window_clip(&t->w, 0.49, &a, &b)) return;
    double steps = fmax(1, ceil(fmax(fabs(b.x - a.x), fabs(b.y - a.y))));
    bool marked = t->several && is_lined(it) && !(it->kind == ITEM_PATH && it->arrows);
    size_t number = marked ? line_number(t, it) : 0, spacing = (size_t)(MARK_EVERY * t->c.dots_x);
    for (double i = 0; i <= steps; i++) {
        double u = a.x + (b.x - a.x) * i / steps, v = a.y + (b.y - a.y) * i / steps;
        /* Steps are counted by dots that are new, so short segments do not hurry the pattern. */
        if (round(u) == t->last.x && round(v) == t->last.y) continue;
        t->last = (point2){round(u), round(v)};
        bool mark = marked && (t->walked + 7 * number + spacing / 2) % spacing == 0;
        if (t->c.ascii || mark || pattern_is_on(it->style.line, t->walked)) put_dot(t, it, u, v, mark);
        t->walked++;
    }
}

static void begin_line(terminal *t)
{
    t->walked = 0;
    t->last = (point2){NAN, NAN};
}

static void put_sign(terminal *t, double x, double y, uint32_t sign, int color)
{
    point2 q = to_dots(t, x, y);
    if (!is_point(q) || sign == 0) return;
    long u = lround(q.x), v = lround(q.y);
    if (u >= 0 && v >= 0 && u < t->columns * t->c.dots_x && v < t->rows * t->c.dots_y)
        canvas_glyph(&t->c, t->left + u / t->c.dots_x, t->top + v / t->c.dots_y, sign, color, true);
}

/* ---- items --------------------------------------------------------------------------------------------- */

static void draw_curve(terminal *t, const item *it)
{
    begin_line(t);
    for (size_t r = 0; r < it->s.runs.n; r++) {
        const run *a = &it->s.runs.at[r];
        point2 last = to_dots(t, it->s.at.at[a->first].x, it->s.at.at[a->first].y);
        if (a->n == 1) draw_segment(t, it, last, last);
        for (size_t i = 1; i < a->n; i++) {
            point2 q = to_dots(t, it->s.at.at[a->first + i].x, it->s.at.at[a->first + i].y);
            draw_segment(t, it, last, q);
            last = q;
        }
    }
}

/* At jumps: which end belongs to the curve. */
static void mark_ends(terminal *t, const item *it)
{
    if (it->s.runs.n > 12) return;
    for (size_t r = 0; r < it->s.runs.n; r++) {
        const run *a = &it->s.runs.at[r];
        const point2 *l = &it->s.at.at[a->first], *h = &it->s.at.at[a->first + a->n - 1];
        uint32_t open = t->c.ascii ? 'o' : 0x25cb, closed = t->c.ascii ? '@' : 0x25cf;
        if (a->left == END_OPEN || a->left == END_CLOSED)
            put_sign(t, l->x, l->y, a->left == END_OPEN ? open : closed, it->style.color);
        if (a->right == END_OPEN || a->right == END_CLOSED)
            put_sign(t, h->x, h->y, a->right == END_OPEN ? open : closed, it->style.color);
    }
}

static void draw_line_item(terminal *t, const item *it)
{
    begin_line(t);
    point2 last = {NAN, NAN};
    if (it->dx == 0) {
        double u = window_u(&t->w, it->xs[0]);
        draw_segment(t, it, (point2){u, 0}, (point2){u, t->w.height});
    }
    for (int i = 0; i <= LINE_STEPS && it->dx != 0; i++) {
        double x = window_x(&t->w, t->w.width * i / LINE_STEPS),
               y = it->ys[0] + (x - it->xs[0]) * (it->dy / it->dx);
        point2 q = t->w.y_log && y <= 0 ? (point2){NAN, NAN} : to_dots(t, x, y);
        draw_segment(t, it, last, q);
        last = q;
    }
    for (size_t i = 0; i < it->n; i++) put_sign(t, it->xs[i], it->ys[i], mark_sign(t, it), it->style.color);
}

static void draw_path(terminal *t, const item *it)
{
    begin_line(t);
    point2 last = {NAN, NAN};
    for (size_t i = 0; i < it->n; i++) {
        point2 q = to_dots(t, it->xs[i], it->ys[i]);
        draw_segment(t, it, last, q);
        last = q;
    }
    if (!it->arrows || it->n == 0) return;
    for (size_t i = 1; i + 1 < it->n; i++)
        put_sign(t, it->xs[i], it->ys[i], line_sign(t, line_number(t, it)), it->style.color);
    put_sign(t, it->xs[0], it->ys[0], t->c.ascii ? 'S' : 0x25cb, it->style.color);
    put_sign(t, it->xs[it->n - 1], it->ys[it->n - 1], t->c.ascii ? 'E' : 0x25c7, it->style.color);
}

static void draw_scatter(terminal *t, const item *it)
{
    for (size_t i = 0; i < it->n && it->u; i++) {
        double e = fabs(it->u[i]);
        begin_line(t);
        if (e > 0 && !(t->w.y_log && it->ys[i] - e <= 0))
            draw_segment(t, it, to_dots(t, it->xs[i], it->ys[i] - e), to_dots(t, it->xs[i], it->ys[i] + e));
    }
    for (size_t i = 0; i < it->n; i++) put_sign(t, it->xs[i], it->ys[i], mark_sign(t, it), it->style.color);
}

/* A sparse screen of dots between the two lines. */
static void draw_band(terminal *t, const item *it)
{
    for (size_t i = 1; i < it->n; i++) {
        point2 a = to_dots(t, it->xs[i - 1], it->u[i - 1]), b = to_dots(t, it->xs[i], it->u[i]);
        point2 c = to_dots(t, it->xs[i - 1], it->v[i - 1]), d = to_dots(t, it->xs[i], it->v[i]);
        if (!is_point(a) || !is_point(b) || !is_point(c) || !is_point(d)) continue;
        for (double u = fmax(0, ceil(a.x)); u <= fmin(b.x, t->w.width); u++) {
            double s = b.x > a.x ? (u - a.x) / (b.x - a.x) : 0;
            double low = a.y + s * (b.y - a.y), high = c.y + s * (d.y - c.y);
            for (double v = fmax(0, ceil(fmin(low, high))); v <= fmin(fmax(low, high), t->w.height); v++)
                if (((long)u + 2 * ((long)v % 2)) % 4 == 0) put_dot(t, it, u, v, false);
        }
    }
}

static void draw_guide(terminal *t, const item *it)
{
    point2 q = to_dots(t, it->a, it->a);
    begin_line(t);
    if (it->b != 0) draw_segment(t, it, (point2){q.x, 0}, (point2){q.x, t->w.height});
    else draw_segment(t, it, (point2){0, q.y}, (point2){t->w.width, q.y});
}

/* One character in the direction of the arrow. */
static void draw_arrows(terminal *t, const item *it)
{
    static const uint32_t unicode[8] = {0x2192, 0x2197, 0x2191, 0x2196, 0x2190, 0x2199, 0x2193, 0x2198};
    static const char ascii[8] = {'>', '/', '^', '\\', '<', '/', 'v', '\\'};
    for (size_t i = 0; i < it->n; i++) {
        double du = it->u[i] / (t->w.x.high - t->w.x.low) * t->w.width;
        double dv = it->v[i] / (t->w.y.high - t->w.y.low) * t->w.height * (t->c.ascii ? 2 : 1);
        if (!isfinite(du) || !isfinite(dv) || (du == 0 && dv == 0)) continue;
        long eighth = lround(atan2(dv, du) / 0.7853981633974483);
        size_t k = (size_t)((eighth + 8) % 8);
        put_sign(t, it->xs[i], it->ys[i], t->c.ascii ? (uint32_t)ascii[k] : unicode[k], it->style.color);
    }
}

/* A label beside its point, on the first free side; false when there is none. */
static bool label_point(terminal *t, const item *it, const char *label)
{
    point2 q = to_dots(t, it->xs[0], it->ys[0]);
    long n = (long)utf8_width(label, strlen(label));
    if (!is_point(q) || q.x < 0 || q.y < 0 || q.x > t->w.width || q.y > t->w.height) return true;
    long column = t->left + lround(q.x) / t->c.dots_x, row = t->top + lround(q.y) / t->c.dots_y;
    static const int rows[] = {0, -1, 1};
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < 3; i++) {
            long from = side ? column - n - 1 : column + 2, at = row + rows[i];
            if (from <= t->left || from + n > t->left + t->columns || at < t->top || at >= t->top + t->rows ||
                !canvas_is_free(&t->c, from - 1, at, (size_t)n + (side ? 1 : 2)))
                continue;
            canvas_text(&t->c, from, at, label, CANVAS_NO_COLOR);
            return true;
        }
    return false;
}

static void draw_item(terminal *t, const item *it)
{
    switch (it->kind) {
    case ITEM_CURVE:
        draw_curve(t, it);
        mark_ends(t, it);
        break;
    case ITEM_LINE: draw_line_item(t, it); break;
    case ITEM_PATH: draw_path(t, it); break;
    case ITEM_SCATTER: draw_scatter(t, it); break;
    case ITEM_BAND: draw_band(t, it); break;
    case ITEM_GUIDE: draw_guide(t, it); break;
    case ITEM_ARROWS: draw_arrows(t, it); break;
    case ITEM_POINT: put_sign(t, it->xs[0], it->ys[0], mark_sign(t, it), it->style.color); break;
    }
}

/* ---- surfaces ------------------------------------------------------------------------------------------ */

static void label_contour(terminal *t, const polyline *l, const char *text)
{
    long n = (long)utf8_width(text, strlen(text));
    for (size_t i = l->at.n / 3; i < l->at.n; i++) {
        point2 q = to_dots(t, l->at.at[i].x, l->at.at[i].y);
        long column = t->left + lround(q.x) / t->c.dots_x - n / 2, row = t->top + lround(q.y) / t->c.dots_y;
        bool free = row >= t->top && row < t->top + t->rows && column > t->left &&
                    column + n < t->left + t->columns;
        for (long k = -1; k <= n && free; k++) {
            const cell *at = canvas_at(&t->c, column + k, row);
            free = at && at->glyph == 0;
        }
        if (free) {
            canvas_text(&t->c, column, row, text, CANVAS_NO_COLOR);
            return;
        }
    }
}

static bool draw_contours(terminal *t, const grid *g, const levels *l)
{
    item line = {.kind = ITEM_GUIDE, .style = {7, DRAW_LINE_SOLID, DRAW_MARK_NONE, 0}};
    bool ok = true;
    for (size_t k = 0; k < l->n && ok; k++) {
        polylines lines = {0};
        ok = contour_trace(t->fig->ctx, g, l->at[k], &lines);
        for (size_t i = 0; i < lines.lines.n; i++) {
            const polyline *p = &lines.lines.at[i];
            begin_line(t);
            for (size_t j = 1; j < p->at.n; j++)
                draw_segment(t, &line, to_dots(t, p->at.at[j - 1].x, p->at.at[j - 1].y),
                             to_dots(t, p->at.at[j].x, p->at.at[j].y));
        }
        strbuf text;
        strbuf_init(&text, t->fig->ctx);
        label_to_plain(&text, l->text[k], t->c.ascii);
        for (size_t i = 0; i < lines.lines.n; i++)
            if (lines.lines.at[i].at.n > 24) label_contour(t, &lines.lines.at[i], strbuf_str(&text));
        strbuf_clear(&text);
        polylines_clear(t->fig->ctx, &lines);
    }
    return ok;
}

static void draw_ramp(terminal *t, const grid *g, const levels *l)
{
    static const char ramp[] = " .:-=+*#%@";
    enum { LAST = sizeof ramp - 2 };
    for (long row = 0; row < t->rows; row++)
        for (long column = 0; column < t->columns; column++) {
            double x = window_x(&t->w, (double)column);
            double y = t->w.y.high - (t->w.y.high - t->w.y.low) * (double)row / t->w.height;
            double z = grid_at(g, fmin(fmax(x, g->x0), g->x1), fmin(fmax(y, g->y0), g->y1));
            size_t k = 0;
            while (k < l->n && z >= l->at[k]) k++;
            char sign = z != z ? '?' : ramp[l->n ? k * LAST / l->n : 0];
            canvas_glyph(&t->c, t->left + column, t->top + row, (uint32_t)sign, 7, true);
        }
}

static gradus_status draw_surface(terminal *t)
{
    grid g;
    levels l;
    if (!grid_sample(t->fig, &g, MAP_CELLS, MAP_CELLS))
        return ctx_status(t->fig->ctx) ? ctx_status(t->fig->ctx) : GRADUS_NOMEM;
    bool ok = levels_find(t->fig, &g, &l);
    if (ok && t->c.ascii) draw_ramp(t, &g, &l);
    else if (ok) ok = draw_contours(t, &g, &l);
    grid_clear(t->fig->ctx, &g);
    return ok ? ctx_status(t->fig->ctx) : GRADUS_NOMEM;
}

/* ---- frame --------------------------------------------------------------------------------------------- */

static void tick_text(terminal *t, const ticks *k, int64_t i, strbuf *plain)
{
    strbuf b;
    strbuf_init(&b, t->fig->ctx);
    strbuf_clear(plain);
    if (!k->log || (i - k->first) % k->log_step == 0) ticks_label(k, i, &b);
    label_to_plain(plain, strbuf_str(&b), t->c.ascii);
    strbuf_clear(&b);
}

static long text_width(const strbuf *b)
{
    return (long)utf8_width(strbuf_str(b), b->n);
}

static long widest_tick(terminal *t, const ticks *k)
{
    long widest = 0;
    strbuf b;
    strbuf_init(&b, t->fig->ctx);
    for (int64_t i = k->first; i <= k->last; i++) {
        tick_text(t, k, i, &b);
        widest = text_width(&b) > widest ? text_width(&b) : widest;
    }
    strbuf_clear(&b);
    return widest;
}

/* A name with the power of ten that the labels are divided by. */
static void axis_name(terminal *t, const ticks *k, const char *name, strbuf *out)
{
    strbuf_clear(out);
    label_to_plain(out, name, t->c.ascii);
    if (!k->shown_power || k->log) return;
    strbuf b;
    strbuf_init(&b, t->fig->ctx);
    strbuf_printf(&b, "$×10^%d$", k->shown_power);
    strbuf_add(out, out->n ? " " : "");
    label_to_plain(out, strbuf_str(&b), t->c.ascii);
    strbuf_clear(&b);
}

static void size_window(terminal *t)
{
    t->w.left = t->w.top = 0;
    t->w.width = (double)(t->columns * t->c.dots_x - 1);
    t->w.height = (double)(t->rows * t->c.dots_y - 1);
    ticks_find(&t->tx, t->w.x, t->w.x_log, (double)t->columns / 10);
    ticks_find(&t->ty, t->w.y, t->w.y_log, (double)t->rows / 3);
}

static void draw_zero_lines(terminal *t)
{
    uint32_t across = t->c.ascii ? '.' : 0x2508, down = t->c.ascii ? '.' : 0x250a;
    if (!t->w.x_log && t->w.x.low < 0 && t->w.x.high > 0) {
        long column = t->left + lround(window_u(&t->w, 0)) / t->c.dots_x;
        for (long r = t->top; r < t->top + t->rows; r++)
            if (canvas_is_free(&t->c, column, r, 1)) canvas_glyph(&t->c, column, r, down, 7, false);
    }
    if (!t->w.y_log && t->w.y.low < 0 && t->w.y.high > 0) {
        long row = t->top + lround(window_v(&t->w, 0)) / t->c.dots_y;
        for (long c = t->left; c < t->left + t->columns; c++)
            if (canvas_is_free(&t->c, c, row, 1)) canvas_glyph(&t->c, c, row, across, 7, false);
    }
}

static void draw_y_axis(terminal *t)
{
    strbuf b;
    strbuf_init(&b, t->fig->ctx);
    for (long r = 0; r < t->rows; r++)
        canvas_glyph(&t->c, t->left - 1, t->top + r, t->c.ascii ? '|' : 0x2502, 7, true);
    for (int64_t i = t->ty.first; i <= t->ty.last; i++) {
        long row = t->top + lround(window_v(&t->w, ticks_value(&t->ty, i))) / t->c.dots_y;
        if (row < t->top || row >= t->top + t->rows) continue;
        tick_text(t, &t->ty, i, &b);
        canvas_text(&t->c, t->left - 2 - text_width(&b), row, strbuf_str(&b), CANVAS_NO_COLOR);
        canvas_glyph(&t->c, t->left - 1, row, t->c.ascii ? '+' : 0x2524, 7, true);
    }
    strbuf_clear(&b);
}

static void draw_x_axis(terminal *t)
{
    strbuf b;
    long row = t->top + t->rows, past = -1;
    strbuf_init(&b, t->fig->ctx);
    canvas_glyph(&t->c, t->left - 1, row, t->c.ascii ? '+' : 0x2514, 7, true);
    for (long c = 0; c < t->columns; c++)
        canvas_glyph(&t->c, t->left + c, row, t->c.ascii ? '-' : 0x2500, 7, true);
    for (int64_t i = t->tx.first; i <= t->tx.last; i++) {
        long column = t->left + lround(window_u(&t->w, ticks_value(&t->tx, i))) / t->c.dots_x;
        if (column < t->left || column >= t->left + t->columns) continue;
        tick_text(t, &t->tx, i, &b);
        long from = column - text_width(&b) / 2;
        canvas_glyph(&t->c, column, row, t->c.ascii ? '+' : 0x2534, 7, true);
        if (from > past && from + text_width(&b) <= (long)t->c.columns) {
            canvas_text(&t->c, from, row + 1, strbuf_str(&b), CANVAS_NO_COLOR);
            past = from + text_width(&b);
        }
    }
    axis_name(t, &t->tx, t->fig->o.x_label, &b);
    canvas_text(&t->c, t->left + t->columns + 1, row, strbuf_str(&b), CANVAS_NO_COLOR);
    strbuf_clear(&b);
}

static void draw_head(terminal *t)
{
    strbuf title, name;
    strbuf_init(&title, t->fig->ctx);
    strbuf_init(&name, t->fig->ctx);
    label_to_plain(&title, t->fig->o.title ? t->fig->o.title : t->fig->surf.label, t->c.ascii);
    axis_name(t, &t->ty, t->fig->o.y_label, &name);
    long width = text_width(&title), from = t->left + (t->columns - width) / 2;
    long most = (long)t->c.columns - width, row = t->top - 1;
    from = from > most ? most : from;
    canvas_text(&t->c, from < 0 ? 0 : from, 0, strbuf_str(&title), CANVAS_NO_COLOR);
    long start = t->left - text_width(&name) < 0 ? 0 : t->left - text_width(&name);
    if (row > 0 || width == 0 || start + text_width(&name) < from)
        canvas_text(&t->c, start, row, strbuf_str(&name), CANVAS_NO_COLOR);
    strbuf_clear(&title);
    strbuf_clear(&name);
}

/* ---- legend -------------------------------------------------------------------------------------------- */

/* Lays out sign and label of every labelled item in lines below the plot; draws them when told to. The rows
 * used. */
static size_t legend(terminal *t, const bool *beside, bool draw)
{
    long column = 2, row = 0;
    bool any = false;
    strbuf b;
    strbuf_init(&b, t->fig->ctx);
    for (size_t i = 0; i < t->fig->items.n && t->fig->o.legend; i++) {
        const item *it = &t->fig->items.at[i];
        if (!it->label || (it->kind == ITEM_POINT && (!beside || beside[i]))) continue;
        strbuf_clear(&b);
        label_to_plain(&b, it->label, t->c.ascii);
        long width = text_width(&b) + 2;
        if (any && column + width > (long)t->c.columns) {
            column = 2;
            row++;
        }
        if (draw && t->top + t->rows + 2 + row < (long)t->c.rows) {
            canvas_glyph(&t->c, column, t->top + t->rows + 2 + row, item_sign(t, it), it->style.color, true);
            canvas_text(&t->c, column + 2, t->top + t->rows + 2 + row, strbuf_str(&b), CANVAS_NO_COLOR);
        }
        column += width + 3;
        any = true;
    }
    strbuf_clear(&b);
    return any ? (size_t)row + 1 : 0;
}

/* ---- the picture --------------------------------------------------------------------------------------- */

static void tell_undefined(terminal *t)
{
    long row = t->top + t->rows / 2;
    for (size_t i = 0; i < t->fig->items.n; i++) {
        const item *it = &t->fig->items.at[i];
        strbuf b, plain;
        if (it->kind != ITEM_CURVE || it->s.base.n == 0 || curve_has_value(it)) continue;
        strbuf_init(&b, t->fig->ctx);
        strbuf_init(&plain, t->fig->ctx);
        curve_tell_undefined(t->fig, it, &b);
        label_to_plain(&plain, strbuf_str(&b), t->c.ascii);
        long from = t->left + (t->columns - text_width(&plain)) / 2;
        canvas_text(&t->c, from < t->left ? t->left : from, row++, strbuf_str(&plain), CANVAS_NO_COLOR);
        strbuf_clear(&b);
        strbuf_clear(&plain);
    }
    t->fig->warned = true;
}

static void lay_out(terminal *t)
{
    draw_options *o = &t->fig->o;
    strbuf name;
    strbuf_init(&name, t->fig->ctx);
    bool title = o->title || t->fig->surf.label;
    label_to_plain(&name, o->y_label, t->c.ascii);
    bool own_line = title && text_width(&name) > 8;
    t->legend_rows = legend(t, NULL, false);
    t->top = (title || o->y_label) + own_line;
    /* At least four rows of plot: what a small terminal lacks is taken from the legend. */
    long rest = (long)t->c.rows - t->top - 2;
    if ((long)t->legend_rows > rest - 4) t->legend_rows = rest > 4 ? (size_t)(rest - 4) : 0;
    t->rows = rest - (long)t->legend_rows < 2 ? 2 : rest - (long)t->legend_rows;
    t->left = 10;
    for (int round = 0; round < 2; round++) {
        axis_name(t, &t->tx, o->x_label, &name);
        long right = text_width(&name) > 0 ? text_width(&name) + 1 : 1;
        right = right > (long)t->c.columns / 4 ? (long)t->c.columns / 4 : right;
        t->columns = (long)t->c.columns - t->left - right;
        t->columns = t->columns < 4 ? 4 : t->columns;
        size_window(t);
        t->left = widest_tick(t, &t->ty) + 3;
    }
    strbuf_clear(&name);
}

static gradus_status draw_all(terminal *t)
{
    gradus_status st = range_find(t->fig, &t->w);
    if (st != GRADUS_OK) return st;
    lay_out(t);
    if (t->fig->o.equal) {
        double stretch = t->c.ascii ? 2 : 1; /* a cell is twice as high as wide; a Braille dot is square */
        t->w.height *= stretch;
        range_equalise(&t->w);
        size_window(t);
    }
    for (size_t i = 0; i < t->fig->items.n; i++) {
        item *it = &t->fig->items.at[i];
        if (it->kind == ITEM_CURVE && !sample_curve(t->fig->ctx, it->f, it->user, &t->w, &it->s))
            return ctx_status(t->fig->ctx) ? ctx_status(t->fig->ctx) : GRADUS_NOMEM;
    }
    if (t->fig->surf.set && (st = draw_surface(t)) != GRADUS_OK) return st;
    for (int layer = 0; layer < 3; layer++)
        for (size_t i = 0; i < t->fig->items.n; i++) {
            const item *it = &t->fig->items.at[i];
            int own = it->kind == ITEM_BAND || it->kind == ITEM_GUIDE ? 0 : it->kind == ITEM_CURVE ? 1 : 2;
            if (own == layer) draw_item(t, it);
        }
    bool *beside = arena_alloc(&t->fig->mem, t->fig->items.n + 1);
    if (!beside) return GRADUS_NOMEM;
    strbuf label;
    strbuf_init(&label, t->fig->ctx);
    for (size_t i = 0; i < t->fig->items.n; i++) {
        const item *it = &t->fig->items.at[i];
        strbuf_clear(&label);
        label_to_plain(&label, it->label, t->c.ascii);
        beside[i] = it->kind == ITEM_POINT && it->label && label_point(t, it, strbuf_str(&label));
    }
    strbuf_clear(&label);
    if (!t->fig->surf.set) draw_zero_lines(t);
    draw_y_axis(t);
    draw_x_axis(t);
    draw_head(t);
    tell_undefined(t);
    legend(t, beside, true);
    return ctx_status(t->fig->ctx);
}

gradus_status draw_terminal(draw_figure *fig, strbuf *out)
{
    terminal t = {.fig = fig};
    if (!fig) return GRADUS_NOMEM;
    gradus_status st = fig->refused ? fig->refused : ctx_status(fig->ctx);
    if (st != GRADUS_OK) return st;
    figure_resolve_styles(fig);
    size_t lined = 0;
    for (size_t i = 0; i < fig->items.n; i++) lined += is_lined(&fig->items.at[i]);
    t.several = lined > 1;
    if (!canvas_init(&t.c, fig->ctx, fig->o.columns, fig->o.rows, fig->o.ascii, fig->o.color))
        return GRADUS_NOMEM;
    st = draw_all(&t);
    if (st == GRADUS_OK) canvas_print(&t.c, out);
    canvas_clear(&t.c);
    return st ? st : ctx_status(fig->ctx);
}

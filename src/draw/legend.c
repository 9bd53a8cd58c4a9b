/* The legend: in a box where it covers nothing, or in lines below the frame. */
#include "draw/plane.h"

#include <math.h>

#define SAMPLE       26.0 /* points: length of a sample line          */
#define GAP          7.0  /* between sample and label                 */
#define ROW          15.5 /* from row to row                          */
#define BORDER       6.0  /* inside the box                           */
#define BETWEEN      18.0 /* between entries that stand in one line   */
#define LABEL_WIDEST 230.0

static bool is_entry(const item *it)
{
    return it->label && it->kind != ITEM_POINT;
}

bool legend_is_wanted(const draw_figure *fig)
{
    if (!fig->o.legend) return false;
    for (size_t i = 0; i < fig->items.n; i++)
        if (is_entry(&fig->items.at[i])) return true;
    return false;
}

static double entry_width(ink *k, const item *it, double widest)
{
    double w, h;
    ink_text_limit(k, 0);
    ink_text_size(k, it->label, INK_FONT, &w, &h);
    return SAMPLE + GAP + fmin(w, widest);
}

void legend_size_box(const draw_figure *fig, ink *k, double *w, double *h)
{
    *w = 0;
    *h = 0;
    for (size_t i = 0; i < fig->items.n; i++) {
        if (!is_entry(&fig->items.at[i])) continue;
        *w = fmax(*w, entry_width(k, &fig->items.at[i], LABEL_WIDEST));
        *h += ROW;
    }
    *w += 2 * BORDER;
    *h += 2 * BORDER - 3;
}

static void draw_entry(ink *k, const item *it, double x, double y, double widest)
{
    marks_sample(k, it, x, y, SAMPLE);
    ink_color(k, (rgb){0.1, 0.1, 0.12}, 1);
    double w, h;
    ink_text_size(k, it->label, INK_FONT, &w, &h);
    ink_text_limit(k, w > widest ? widest : 0);
    ink_text(k, it->label, INK_FONT, x + SAMPLE + GAP, y + 0.36 * INK_FONT, INK_START, INK_BASE, false);
    ink_text_limit(k, 0);
}

void legend_draw_box(const draw_figure *fig, ink *k, rect r)
{
    ink_color(k, (rgb){1, 1, 1}, 0.9);
    ink_rect(k, r);
    ink_fill(k);
    ink_color(k, (rgb){0.8, 0.8, 0.82}, 1);
    ink_pen(k, DRAW_LINE_SOLID, 0.6);
    ink_rect(k, r);
    ink_stroke(k);
    double y = r.y + BORDER + ROW / 2 - 1.5;
    for (size_t i = 0; i < fig->items.n; i++) {
        if (!is_entry(&fig->items.at[i])) continue;
        draw_entry(k, &fig->items.at[i], r.x + BORDER, y, LABEL_WIDEST);
        y += ROW;
    }
}

/* Lays the entries out in lines; draws them when told to. The height used. */
static double flow(const draw_figure *fig, ink *k, double x, double y, double across, bool draw)
{
    double at = 0, line = 0, widest = fmax(across - SAMPLE - GAP, 20);
    for (size_t i = 0; i < fig->items.n; i++) {
        const item *it = &fig->items.at[i];
        if (!is_entry(it)) continue;
        double w = entry_width(k, it, widest);
        if (at > 0 && at + w > across) {
            at = 0;
            line += ROW;
        }
        if (draw) draw_entry(k, it, x + at, y + line + ROW / 2, widest);
        at += w + BETWEEN;
    }
    return line + ROW;
}

double legend_height_below(const draw_figure *fig, ink *k, double across)
{
    return flow(fig, k, 0, 0, across, false);
}

void legend_draw_below(const draw_figure *fig, ink *k, double x, double y, double across)
{
    flow(fig, k, x, y, across, true);
}

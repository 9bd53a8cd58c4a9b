/* The text alternative: what the picture shows, in sentences, for readers who do not see it. */
#include "draw/draw_impl.h"

#include <math.h>
#include <string.h>
#include <strings.h>

bool curve_has_value(const item *it)
{
    for (size_t j = 0; j < it->s.base.n; j++)
        if (it->s.base.at[j].y == it->s.base.at[j].y) return true;
    return false;
}

void curve_tell_undefined(draw_figure *fig, const item *it, strbuf *out)
{
    strbuf_printf(out, "%s has no value from $%g$ to $%g$", it->label ? it->label : "The function", it->a,
                  it->b);
    if (fig->warned) return;
    strbuf plain;
    strbuf_init(&plain, fig->ctx);
    label_to_plain(&plain, strbuf_str(out), true);
    diag_add(fig->ctx, DIAG_WARNING, GRADUS_DOMAIN, SPAN_NONE, NULL, "%s", strbuf_str(&plain));
    strbuf_clear(&plain);
}

static const char *kind_word(const item *it)
{
    switch (it->kind) {
    case ITEM_CURVE: return "Curve";
    case ITEM_LINE: return it->n == 2 ? "Secant" : "Tangent";
    case ITEM_POINT: return "Point";
    case ITEM_GUIDE: return "Guide line";
    case ITEM_PATH: return "Path";
    case ITEM_SCATTER: return "Data";
    case ITEM_BAND: return "Band";
    case ITEM_ARROWS: return "Arrows";
    }
    return "Item";
}

/* x as it is seen: what is nothing beside the other numbers is 0. */
static double seen(const item *it, const double *at, size_t i)
{
    double most = 0;
    for (size_t k = 0; k < it->n; k++) most = fmax(most, fabs(at[k]));
    return fabs(at[i]) < 1e-5 * most ? 0 : at[i];
}

static void describe_place(const item *it, strbuf *out)
{
    switch (it->kind) {
    case ITEM_CURVE: strbuf_printf(out, " from %g to %g", it->a, it->b); break;
    case ITEM_LINE:
        strbuf_printf(out, it->n == 2 ? " through (%g, %g)" : " at (%g, %g)", it->xs[0], it->ys[0]);
        if (it->n == 2) strbuf_printf(out, " and (%g, %g)", it->xs[1], it->ys[1]);
        if (it->dx != 0) strbuf_printf(out, ", slope %g", it->dy / it->dx);
        break;
    case ITEM_POINT: strbuf_printf(out, " at (%g, %g)", it->xs[0], it->ys[0]); break;
    case ITEM_GUIDE: strbuf_printf(out, " at %s = %g", it->b != 0 ? "x" : "y", it->a); break;
    case ITEM_PATH:
        if (it->n)
            strbuf_printf(out, " of %zu points from (%g, %g) to (%g, %g)", it->n, seen(it, it->xs, 0),
                          seen(it, it->ys, 0), seen(it, it->xs, it->n - 1), seen(it, it->ys, it->n - 1));
        break;
    default: strbuf_printf(out, " of %zu points", it->n); break;
    }
}

/* "Secant through (1, 1) and (2, 4)": a label that begins with its kind says where it is, too, if it is a
 * line. */
static void describe_item(const item *it, strbuf *out)
{
    const char *kind = kind_word(it);
    size_t n = strlen(kind), start = out->n;
    /* A point that is called by its place, or a line whose label says where it runs. */
    bool placed = it->kind == ITEM_POINT && it->label && strncmp(it->label, "$(", 2) == 0;
    bool tells = it->label && strncasecmp(it->label, kind, n) == 0 && it->label[n] == ' ';
    if (!tells) strbuf_add(out, kind);
    if (it->label && !tells) strbuf_addc(out, ' ');
    if (it->label) label_to_plain(out, it->label, false);
    if (tells && out->n > start) out->at[start] = kind[0];
    if (!placed && (!tells || it->kind != ITEM_LINE)) describe_place(it, out);
    strbuf_add(out, ". ");
}

void draw_describe(draw_figure *fig, strbuf *out)
{
    if (fig->surf.set) {
        strbuf_add(out, fig->o.map ? "Contour map" : "Surface");
        if (fig->surf.label) {
            strbuf_addc(out, ' ');
            label_to_plain(out, fig->surf.label, false);
        }
        strbuf_printf(out, " over %g to %g and %g to %g. ", fig->surf.x0, fig->surf.x1, fig->surf.y0,
                      fig->surf.y1);
    }
    for (size_t i = 0; i < fig->items.n && i < 100; i++) {
        const item *it = &fig->items.at[i];
        describe_item(it, out);
    }
}

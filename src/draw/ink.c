/* Cairo and Pango behind ink.h. They are loaded when the first picture is drawn: linked at start-up they
 * would cost every command more than its whole work. A font map of its own per picture keeps pictures
 * independent of each other. */
#include "draw/ink.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <dlfcn.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

struct ink_api {
#define INK_FN(library, name) __typeof__(name) *name;
#include "draw/ink.def"
#undef INK_FN
};

struct ink {
    gradus_ctx *ctx;
    ink_api api;
    draw_format format;
    double width, height, scale;
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoFontMap *fonts;
    PangoContext *pango;
    PangoLayout *layout;
    PangoFontDescription *font;
    strbuf bytes, markup;
    rgb color;
    double alpha, pen_width, text_limit;
};

/* ---- loading ------------------------------------------------------------------------------------------- */

static void *open_library(const char *name)
{
    /* Never unloaded: GLib registers types that outlive any handle. */
    return dlopen(name, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
}

/* NULL, or what is missing. */
static const char *load_api(ink_api *api)
{
    enum { CAIRO, PANGO, PANGOCAIRO, GOBJECT, LIBRARIES };
    static const char *const names[LIBRARIES] = {"libcairo.so.2", "libpango-1.0.so.0",
                                                 "libpangocairo-1.0.so.0", "libgobject-2.0.so.0"};
    void *library[LIBRARIES] = {0};
    const char *missing = NULL;
    for (int i = 0; i < LIBRARIES && !missing; i++)
        if (!(library[i] = open_library(names[i]))) missing = names[i];
    static const struct {
        int library;
        size_t offset;
        const char *name;
    } functions[] = {
#define INK_FN(library, name) {library, offsetof(ink_api, name), #name},
#include "draw/ink.def"
#undef INK_FN
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions && !missing; i++) {
        void *p = dlsym(library[functions[i].library], functions[i].name);
        if (!p) missing = functions[i].name;
        memcpy((char *)api + functions[i].offset, &p, sizeof p);
    }
    for (int i = 0; i < LIBRARIES; i++)
        if (library[i]) dlclose(library[i]);
    return missing;
}

/* ---- beginning and ending ------------------------------------------------------------------------------ */

static cairo_status_t take_bytes(void *to, const unsigned char *data, unsigned n)
{
    strbuf *b = to;
    strbuf_addn(b, (const char *)data, n);
    return ctx_status(b->ctx) == GRADUS_NOMEM ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

static void open_surface(ink *k, const char *title)
{
    switch (k->format) {
    case DRAW_SVG:
        k->surface = k->api.cairo_svg_surface_create_for_stream(take_bytes, &k->bytes, k->width, k->height);
        break;
    case DRAW_PDF:
        k->surface = k->api.cairo_pdf_surface_create_for_stream(take_bytes, &k->bytes, k->width, k->height);
        /* No date: the same figure gives the same bytes. */
        k->api.cairo_pdf_surface_set_metadata(k->surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                              "1970-01-01T00:00:00Z");
        if (title && *title)
            k->api.cairo_pdf_surface_set_metadata(k->surface, CAIRO_PDF_METADATA_TITLE, title);
        break;
    case DRAW_PNG:
        k->surface = k->api.cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)lround(k->width * k->scale),
                                                       (int)lround(k->height * k->scale));
        break;
    }
    k->cr = k->api.cairo_create(k->surface);
    if (k->format == DRAW_PNG) k->api.cairo_scale(k->cr, k->scale, k->scale);
}

static void open_fonts(ink *k)
{
    k->fonts = k->api.pango_cairo_font_map_new();
    k->pango = k->api.pango_font_map_create_context(k->fonts);
    k->api.pango_cairo_context_set_resolution(k->pango, 72);
    cairo_font_options_t *o = k->api.cairo_font_options_create();
    k->api.cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
    k->api.cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
    k->api.cairo_font_options_set_antialias(o, CAIRO_ANTIALIAS_GRAY);
    k->api.pango_cairo_context_set_font_options(k->pango, o);
    k->api.cairo_font_options_destroy(o);
    k->layout = k->api.pango_layout_new(k->pango);
    k->font = k->api.pango_font_description_new();
    k->api.pango_font_description_set_family(k->font, "sans");
}

gradus_status ink_begin(gradus_ctx *ctx, draw_format format, double width, double height, double scale,
                        const char *title, ink **out)
{
    ink *k = ctx_realloc(ctx, NULL, 0, sizeof *k);
    *out = k;
    if (!k) return GRADUS_NOMEM;
    memset(k, 0, sizeof *k);
    k->ctx = ctx;
    k->format = format;
    k->width = width;
    k->height = height;
    k->scale = scale;
    strbuf_init(&k->bytes, ctx);
    strbuf_init(&k->markup, ctx);
    const char *missing = load_api(&k->api);
    if (missing) {
        ctx_realloc(ctx, k, sizeof *k, 0);
        *out = NULL;
        return diag_error(ctx, GRADUS_UNABLE, SPAN_NONE, "install Cairo and Pango, or draw in the terminal",
                          "pictures need Cairo and Pango, and %s cannot be loaded", missing);
    }
    open_surface(k, title);
    open_fonts(k);
    k->api.cairo_set_line_join(k->cr, CAIRO_LINE_JOIN_ROUND);
    ink_color(k, (rgb){1, 1, 1}, 1);
    k->api.cairo_paint(k->cr);
    return GRADUS_OK;
}

gradus_status ink_end(ink *k, strbuf *out)
{
    gradus_ctx *ctx = k->ctx;
    cairo_status_t st = k->api.cairo_status(k->cr);
    k->api.cairo_destroy(k->cr);
    if (k->format == DRAW_PNG && st == CAIRO_STATUS_SUCCESS)
        st = k->api.cairo_surface_write_to_png_stream(k->surface, take_bytes, &k->bytes);
    k->api.cairo_surface_finish(k->surface);
    if (st == CAIRO_STATUS_SUCCESS) st = k->api.cairo_surface_status(k->surface);
    k->api.cairo_surface_destroy(k->surface);
    k->api.pango_font_description_free(k->font);
    k->api.g_object_unref(k->layout);
    k->api.g_object_unref(k->pango);
    k->api.g_object_unref(k->fonts);
    gradus_status answer = GRADUS_OK;
    if (st == CAIRO_STATUS_NO_MEMORY) answer = ctx_fail(ctx, GRADUS_NOMEM);
    else if (st != CAIRO_STATUS_SUCCESS)
        answer = diag_error(ctx, GRADUS_UNABLE, SPAN_NONE, NULL, "Cairo could not draw the picture: %s",
                            k->api.cairo_status_to_string(st));
    else strbuf_addn(out, strbuf_str(&k->bytes), k->bytes.n);
    strbuf_clear(&k->bytes);
    strbuf_clear(&k->markup);
    ctx_realloc(ctx, k, sizeof *k, 0);
    return answer ? answer : ctx_status(ctx);
}

gradus_ctx *ink_ctx(const ink *k)
{
    return k->ctx;
}

double ink_width(const ink *k)
{
    return k->width;
}

double ink_height(const ink *k)
{
    return k->height;
}

/* ---- lines and areas ----------------------------------------------------------------------------------- */

void ink_color(ink *k, rgb c, double alpha)
{
    k->color = c;
    k->alpha = alpha;
    k->api.cairo_set_source_rgba(k->cr, c.r, c.g, c.b, alpha);
}

void ink_pen(ink *k, draw_line line, double width)
{
    static const double dashed[] = {4, 2.2}, dashdot[] = {5, 2, 0.8, 2}, dotted[] = {0.01, 1.9},
                        longdash[] = {8, 2.5};
    const double *pattern = NULL;
    int n = 2;
    switch (line) {
    case DRAW_LINE_DASHED: pattern = dashed; break;
    case DRAW_LINE_DASHDOT:
        pattern = dashdot;
        n = 4;
        break;
    case DRAW_LINE_DOTTED: pattern = dotted; break;
    case DRAW_LINE_LONGDASH: pattern = longdash; break;
    default: n = 0; break;
    }
    double grown[4];
    double unit = fmax(width, 0.8);
    for (int i = 0; i < n; i++) grown[i] = pattern[i] * unit;
    k->pen_width = width;
    k->api.cairo_set_line_width(k->cr, width);
    k->api.cairo_set_dash(k->cr, grown, n, 0);
    k->api.cairo_set_line_cap(k->cr, line == DRAW_LINE_DOTTED ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
}

void ink_move(ink *k, double x, double y)
{
    k->api.cairo_move_to(k->cr, x, y);
}

void ink_line(ink *k, double x, double y)
{
    k->api.cairo_line_to(k->cr, x, y);
}

void ink_close(ink *k)
{
    k->api.cairo_close_path(k->cr);
}

void ink_rect(ink *k, rect r)
{
    k->api.cairo_rectangle(k->cr, r.x, r.y, r.w, r.h);
}

void ink_stroke(ink *k)
{
    k->api.cairo_stroke(k->cr);
}

void ink_fill(ink *k)
{
    k->api.cairo_fill(k->cr);
}

void ink_fill_stroke(ink *k)
{
    k->api.cairo_fill_preserve(k->cr);
    k->api.cairo_stroke(k->cr);
}

void ink_segment(ink *k, double x0, double y0, double x1, double y1)
{
    ink_move(k, x0, y0);
    ink_line(k, x1, y1);
    ink_stroke(k);
}

void ink_clip(ink *k, rect r)
{
    k->api.cairo_save(k->cr);
    k->api.cairo_new_path(k->cr);
    ink_rect(k, r);
    k->api.cairo_clip(k->cr);
}

void ink_unclip(ink *k)
{
    k->api.cairo_restore(k->cr);
}

/* ---- marks --------------------------------------------------------------------------------------------- */

static void outline_mark(ink *k, draw_mark m, double x, double y, double r)
{
    switch (m) {
    case DRAW_MARK_SQUARE: ink_rect(k, (rect){x - 0.85 * r, y - 0.85 * r, 1.7 * r, 1.7 * r}); break;
    case DRAW_MARK_TRIANGLE:
        ink_move(k, x, y - 1.15 * r);
        ink_line(k, x + r, y + 0.75 * r);
        ink_line(k, x - r, y + 0.75 * r);
        ink_close(k);
        break;
    case DRAW_MARK_DIAMOND:
        ink_move(k, x, y - 1.2 * r);
        ink_line(k, x + 1.2 * r, y);
        ink_line(k, x, y + 1.2 * r);
        ink_line(k, x - 1.2 * r, y);
        ink_close(k);
        break;
    case DRAW_MARK_CROSS:
        ink_move(k, x - 0.8 * r, y - 0.8 * r);
        ink_line(k, x + 0.8 * r, y + 0.8 * r);
        ink_move(k, x - 0.8 * r, y + 0.8 * r);
        ink_line(k, x + 0.8 * r, y - 0.8 * r);
        break;
    default:
        k->api.cairo_new_sub_path(k->cr);
        k->api.cairo_arc(k->cr, x, y, r, 0, 2 * G_PI);
        break;
    }
}

void ink_mark(ink *k, draw_mark m, double x, double y, double size, rgb c)
{
    if (m == DRAW_MARK_NONE || m == DRAW_MARK_AUTO) return;
    double r = size / 2;
    bool solid = m == DRAW_MARK_DISC;
    ink_pen(k, DRAW_LINE_SOLID, solid ? 0.8 : fmin(1.3, size / 4));
    if (m != DRAW_MARK_CROSS) {
        outline_mark(k, m, x, y, r);
        ink_color(k, solid ? c : (rgb){1, 1, 1}, 1);
        ink_fill(k);
    }
    outline_mark(k, m, x, y, r);
    ink_color(k, solid ? (rgb){1, 1, 1} : c, 1);
    ink_stroke(k);
}

void ink_arrow_head(ink *k, double x, double y, double dx, double dy, double size)
{
    double len = hypot(dx, dy);
    if (!(len > 0)) return;
    dx *= size / len;
    dy *= size / len;
    ink_move(k, x, y);
    ink_line(k, x - dx - 0.42 * dy, y - dy + 0.42 * dx);
    ink_line(k, x - 0.72 * dx, y - 0.72 * dy);
    ink_line(k, x - dx + 0.42 * dy, y - dy - 0.42 * dx);
    ink_close(k);
    ink_fill(k);
}

/* ---- text ---------------------------------------------------------------------------------------------- */

static void set_text(ink *k, const char *label, int size)
{
    strbuf_clear(&k->markup);
    label_to_markup(&k->markup, label);
    k->api.pango_font_description_set_size(k->font, size * PANGO_SCALE);
    k->api.pango_font_description_set_weight(k->font,
                                             size == INK_TITLE ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
    k->api.pango_layout_set_font_description(k->layout, k->font);
    k->api.pango_layout_set_width(k->layout, k->text_limit > 0 ? (int)(k->text_limit * PANGO_SCALE) : -1);
    k->api.pango_layout_set_ellipsize(k->layout,
                                      k->text_limit > 0 ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
    k->api.pango_layout_set_markup(k->layout, strbuf_str(&k->markup), -1);
}

void ink_text_limit(ink *k, double width)
{
    k->text_limit = width;
}

static void measure(ink *k, double *w, double *h, double *base)
{
    PangoRectangle box;
    k->api.pango_layout_get_extents(k->layout, NULL, &box);
    *w = box.width / (double)PANGO_SCALE;
    *h = box.height / (double)PANGO_SCALE;
    *base = k->api.pango_layout_get_baseline(k->layout) / (double)PANGO_SCALE;
}

void ink_text_size(ink *k, const char *label, int size, double *w, double *h)
{
    double base;
    set_text(k, label, size);
    measure(k, w, h, &base);
}

static double shift_for(ink_align a, double extent, double base)
{
    return a == INK_START ? 0 : a == INK_MIDDLE ? extent / 2 : a == INK_END ? extent : base;
}

static void show_text(ink *k, double x, double y, bool halo)
{
    cairo_t *cr = k->cr;
    if (halo) {
        k->api.cairo_move_to(cr, x, y);
        k->api.pango_cairo_layout_path(cr, k->layout);
        k->api.cairo_set_source_rgba(cr, 1, 1, 1, 0.85);
        k->api.cairo_set_dash(cr, NULL, 0, 0);
        k->api.cairo_set_line_width(cr, 3);
        k->api.cairo_stroke(cr);
        ink_color(k, k->color, k->alpha);
    }
    k->api.cairo_move_to(cr, x, y);
    k->api.pango_cairo_show_layout(cr, k->layout);
    k->api.cairo_new_path(cr);
}

void ink_text(ink *k, const char *label, int size, double x, double y, ink_align across, ink_align down,
              bool halo)
{
    double w, h, base;
    set_text(k, label, size);
    measure(k, &w, &h, &base);
    show_text(k, x - shift_for(across, w, 0), y - shift_for(down, h, base), halo);
}

void ink_text_turned(ink *k, const char *label, int size, double x, double y, double angle, bool halo)
{
    double w, h, base;
    set_text(k, label, size);
    measure(k, &w, &h, &base);
    k->api.cairo_save(k->cr);
    k->api.cairo_translate(k->cr, x, y);
    k->api.cairo_rotate(k->cr, angle);
    show_text(k, -w / 2, -h / 2, halo);
    k->api.cairo_restore(k->cr);
}

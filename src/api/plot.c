/* plot: a picture as an answer. */
#include "api/plot_impl.h"

#include <math.h>

void gradus_plot_query_defaults(gradus_plot_query *q)
{
    memset(q, 0, sizeof *q);
    q->size = sizeof *q;
}

const void *gradus_answer_picture(const gradus_answer *a, size_t *size)
{
    if (size) *size = a->picture ? a->picture_size : 0;
    return a->picture;
}

/* ---- the figure
 * ----------------------------------------------------------------------------------------------- */

static const char *formula_label(plot_work *w, const char *s)
{
    return arena_printf(&w->mem, "$%s$", s);
}

static void set_flat_labels(plot_work *w, const char *value)
{
    const gradus_plot_query *q = w->q;
    draw_options *o = &w->o;
    const char *x = w->curves.n || !w->data_rows ? term_sym_name(w->ctx, w->var[0]) : w->data_x_name;
    o->x_label = q->x_label ? q->x_label : formula_label(w, x);
    o->y_label = q->y_label ? q->y_label
                            : formula_label(w, value          ? value
                                               : w->data_rows ? w->data_name
                                                              : "y");
    if (!o->title && q->at_count && !plot_has_room_for_values(w))
        o->title = plot_fixed_values(w) + 2; /* without the first comma */
    o->y_min = w->value_low;
    o->y_max = w->value_high;
}

static void set_surface_labels(plot_work *w, const char *value)
{
    const gradus_plot_query *q = w->q;
    draw_options *o = &w->o;
    o->x_label = q->x_label ? q->x_label : formula_label(w, term_sym_name(w->ctx, w->var[0]));
    o->y_label = q->y_label ? q->y_label : formula_label(w, term_sym_name(w->ctx, w->var[1]));
    o->y_min = w->low[1];
    o->y_max = w->high[1];
    o->z_label = formula_label(w, value ? value : "z");
    o->z_min = w->value_low;
    o->z_max = w->value_high;
    o->map = q->view == GRADUS_VIEW_MAP;
    if (!o->title) o->title = plot_label(w, 0, 0);
    if (q->path_count) /* into the bowl at whose bottom a path ends */
        o->elevation = 36;
}

static void set_size(plot_work *w)
{
    const gradus_plot_query *q = w->q;
    draw_options *o = &w->o;
    bool terminal = !q->file && q->picture == GRADUS_PICTURE_TERMINAL;
    if (terminal && q->width > 0) o->columns = (unsigned)fmin(q->width, 1000);
    if (terminal && q->height > 0) o->rows = (unsigned)fmin(q->height, 500);
    if (!terminal && q->width > 0) o->width = q->width;
    if (!terminal && q->height > 0) o->height = q->height;
}

static void set_options(plot_work *w)
{
    const char *value = w->curves.n == 1 ? w->curves.at[0].name : NULL;
    w->o.title = w->q->title;
    w->o.x_min = w->low[0];
    w->o.x_max = w->high[0];
    if (w->vars == 2) set_surface_labels(w, value);
    else set_flat_labels(w, value);
    set_size(w);
    w->o.ascii = w->q->ascii;
    w->o.color = w->q->color;
}

static void add_derivatives(plot_work *w, size_t i)
{
    plot_curve *c = &w->curves.at[i];
    for (uint32_t k = 1; k <= w->q->derivatives; k++) {
        term d = plot_derivative(w, c, k);
        c->dfn[k] = d ? plot_fn_new(w, d, c->f) : NULL;
        if (!c->dfn[k]) return;
        plot_fn_inspect(c->dfn[k], w->low, w->high);
        draw_add_curve(w->fig, plot_fn_value1, c->dfn[k], w->low[0], w->high[0], plot_label(w, i, k), NULL);
    }
}

static void add_curves(plot_work *w)
{
    for (size_t i = 0; i < w->curves.n && ctx_status(w->ctx) == GRADUS_OK; i++) {
        plot_fn *fn = w->curves.at[i].fn;
        if (w->vars == 2)
            draw_set_surface(w->fig, plot_fn_value2, fn, w->low[0], w->high[0], w->low[1], w->high[1],
                             plot_label(w, i, 0));
        else {
            draw_add_curve(w->fig, plot_fn_value1, fn, w->low[0], w->high[0], plot_label(w, i, 0), NULL);
            add_derivatives(w, i);
        }
    }
}

static gradus_status build(plot_work *w)
{
    if (plot_read(w) != GRADUS_OK || plot_read_marks(w) != GRADUS_OK || plot_read_data(w) != GRADUS_OK)
        return ctx_status(w->ctx);
    for (size_t i = 0; i < w->curves.n; i++)
        if (!(w->curves.at[i].fn = plot_fn_new(w, w->curves.at[i].f, TERM_NONE))) return ctx_status(w->ctx);
    draw_options_defaults(&w->o);
    w->o.x_log = w->q->log_x;
    w->o.y_log = w->q->log_y;
    if (plot_find_range(w) != GRADUS_OK) return ctx_status(w->ctx);
    for (size_t i = 0; i < w->curves.n; i++) plot_fn_inspect(w->curves.at[i].fn, w->low, w->high);
    set_options(w);
    w->fig = draw_new(w->ctx, &w->o);
    if (!w->fig) return ctx_status(w->ctx);
    plot_add_data(w);
    add_curves(w);
    if (ctx_status(w->ctx) == GRADUS_OK) plot_add_marks(w);
    return ctx_status(w->ctx);
}

/* ---- the answer
 * -------------------------------------------------------------------------------------------------- */

static void add_json(plot_work *w)
{
    strbuf b;
    strbuf_init(&b, w->ctx);
    if (w->q->file) {
        strbuf_add(&b, ",\"file\":");
        reply_string(&b, w->q->file);
    }
    strbuf_add(&b, ",\"range\":{");
    for (uint32_t i = 0; i < w->vars; i++) {
        strbuf_add(&b, i ? "," : "");
        reply_string(&b, term_sym_name(w->ctx, w->var[i]));
        strbuf_add(&b, ":[");
        reply_double(&b, w->low[i]);
        strbuf_addc(&b, ',');
        reply_double(&b, w->high[i]);
        strbuf_addc(&b, ']');
    }
    strbuf_add(&b, "},\"description\":");
    strbuf words;
    strbuf_init(&words, w->ctx);
    draw_describe(w->fig, &words);
    reply_string(&b, strbuf_str(&words));
    strbuf_clear(&words);
    w->a->extra_json = answer_copy(w->a, &b);
    strbuf_clear(&b);
}

static void write_picture(plot_work *w)
{
    static const draw_format formats[] = {DRAW_SVG, DRAW_SVG, DRAW_PDF, DRAW_PNG};
    const gradus_plot_query *q = w->q;
    strbuf b;
    strbuf_init(&b, w->ctx);
    gradus_status st;
    if (q->file) {
        st = draw_write(w->fig, q->file);
        strbuf_printf(&b, "%s: ", q->file);
        draw_describe(w->fig, &b);
        while (b.n && b.at[b.n - 1] == ' ') b.at[--b.n] = 0;
        w->a->form[GRADUS_TEXT] = answer_copy(w->a, &b);
    } else if (q->picture == GRADUS_PICTURE_TERMINAL) {
        st = draw_terminal(w->fig, &b);
        w->a->form[GRADUS_TEXT] = answer_copy(w->a, &b);
    } else {
        st = draw_render(w->fig, formats[q->picture], &b);
        w->a->picture = arena_copy(&w->a->mem, strbuf_str(&b), b.n);
        w->a->picture_size = b.n;
    }
    if (st == GRADUS_OK) add_json(w);
    else (void)ctx_fail(w->ctx, st);
    strbuf_clear(&b);
}

static bool file_is_fine(gradus_ctx *ctx, const gradus_plot_query *q)
{
    draw_format f;
    if (!q->file || draw_format_of(q->file, &f)) return true;
    diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, "end the name in .svg, .pdf or .png",
               "%s: the ending does not name a picture format", q->file);
    return false;
}

static void clear(plot_work *w)
{
    draw_free(w->fig);
    for (size_t i = 0; i < w->fns.n; i++) plot_fn_free(w->fns.at[i]);
    vec_clear(w->ctx, &w->fns);
    vec_clear(w->ctx, &w->curves);
    vec_clear(w->ctx, &w->marks);
    arena_clear(&w->mem);
}

gradus_answer *gradus_plot(gradus_ctx *ctx, const gradus_plot_query *query)
{
    gradus_plot_query q;
    gradus_plot_query_defaults(&q);
    memcpy(&q, query, query->size < sizeof q ? query->size : sizeof q);
    ctx_begin(ctx);
    plot_work w = {.ctx = ctx, .q = &q, .a = answer_new(ctx, GRADUS_OP_COUNT)};
    if (!w.a) return NULL;
    term_mark mark = term_get_mark(ctx);
    arena_init(&w.mem, ctx);
    if (file_is_fine(ctx, &q) && build(&w) == GRADUS_OK) write_picture(&w);
    answer_take_diagnostics(w.a);
    clear(&w);
    term_rewind(ctx, mark);
    return w.a;
}

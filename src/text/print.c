/* print: the loop that all printers share, its stack, and the holes cut out at the end. */
#include "text/print_impl.h"

#include <string.h>

enum { PRINT_LIMIT = 64 << 20 };

/* ---- what a writer puts --------------------------------------------------------------------- */

static void put(printer *p, print_item item)
{
    if (!vec_push(p->ctx, &p->next, item)) p->broken = true;
}

void text_put(printer *p, const char *s)
{
    put(p, (print_item){.kind = I_STR, .u.str = s});
}

void text_put_item(printer *p, item_kind kind, uint32_t id)
{
    put(p, (print_item){.kind = (uint8_t)kind, .id = id});
}

void text_put_kid(printer *p, const dnode *d, print_prec at_least)
{
    put(p, (print_item){.kind = I_KID, .prec = (uint8_t)at_least, .u.kid = d});
}

void text_put_term(printer *p, term t, print_prec at_least)
{
    put(p, (print_item){.kind = I_TERM, .prec = (uint8_t)at_least, .id = t});
}

void text_put_rest(printer *p, const dnode *sum, uint32_t from)
{
    put(p, (print_item){.kind = I_REST, .id = from, .u.kid = sum});
}

void text_put_list(printer *p, const term *t, uint32_t n, const char *sep, print_prec at_least)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i) text_put(p, sep);
        text_put_term(p, t[i], at_least);
    }
}

const char *text_decimal(printer *p, unsigned long v)
{
    const char *s = arena_printf(&p->scratch, "%lu", v);
    return s ? s : "";
}

/* ---- holes ---------------------------------------------------------------------------------- */

uint32_t text_hole_new(printer *p, uint32_t n)
{
    uint32_t first = (uint32_t)p->holes.n;
    for (uint32_t i = 0; i < n; i++)
        if (!vec_push(p->ctx, &p->holes, ((print_hole){0, 0, 0, false}))) {
            p->broken = true;
            return 0;
        }
    return first;
}

void text_put_range_from(printer *p, uint32_t scope, uint32_t which)
{
    uint32_t hole = text_hole_new(p, 1);
    if (scope < p->scopes.n) {
        p->scopes.at[scope].hole[which] = hole;
        p->scopes.at[scope].hole_count = which + 1;
    }
    text_put_item(p, I_HOLE_FROM, hole);
}

void text_put_range_to(printer *p, uint32_t scope, uint32_t which)
{
    if (scope < p->scopes.n) text_put_item(p, I_HOLE_TO, p->scopes.at[scope].hole[which]);
}

static void cut_holes(printer *p)
{
    char *s = p->out->at;
    size_t to = SIZE_MAX, read = 0;
    if (!s) return;
    for (size_t i = 0; i < p->hole_order.n; i++) {
        const print_hole *h = &p->holes.at[p->hole_order.at[i]];
        if (!h->cut || h->to < h->from) continue;
        if (to == SIZE_MAX) to = read = h->from;
        if (h->from > read) {
            memmove(s + to, s + read, h->from - read);
            to += h->from - read;
            read = h->from;
        }
        if (h->to > read) read = h->to;
    }
    if (to == SIZE_MAX) return;
    memmove(s + to, s + read, p->out->n - read);
    p->out->n = to + (p->out->n - read);
    s[p->out->n] = '\0';
}

/* ---- the loop ------------------------------------------------------------------------------- */

static void put_bracket(printer *p, bool open, uint32_t holes)
{
    if (p->form == FORM_MATHML) {
        text_put(p, open ? "<mrow><mo>(</mo>" : "<mo>)</mo></mrow>");
    } else if (p->form != FORM_LATEX) {
        text_put(p, open ? "(" : ")");
    } else if (open) {
        text_put_item(p, I_SHORT_FROM, holes);
        text_put_item(p, I_HOLE_FROM, holes);
        text_put(p, "\\left");
        text_put_item(p, I_HOLE_TO, holes);
        text_put(p, "(");
    } else {
        text_put_item(p, I_HOLE_FROM, holes + 1);
        text_put(p, "\\right");
        text_put_item(p, I_HOLE_TO, holes + 1);
        text_put(p, ")");
        text_put_item(p, I_SHORT_TO, holes);
    }
}

void text_put_open(printer *p, uint32_t *holes)
{
    *holes = p->form == FORM_LATEX ? text_hole_new(p, 2) : 0;
    put_bracket(p, true, *holes);
}

void text_put_close(printer *p, uint32_t holes)
{
    put_bracket(p, false, holes);
}

/* What the writer put comes off the stack in reading order. */
static void turn_over(printer *p)
{
    if (!vec_reserve(p->ctx, &p->stack, p->stack.n + p->next.n)) {
        p->broken = true;
        p->next.n = 0;
    }
    while (p->next.n) p->stack.at[p->stack.n++] = p->next.at[--p->next.n];
}

static void write_node(printer *p, const dnode *d, uint32_t from)
{
    if (p->form == FORM_MATHML) text_write_mathml(p, d, from);
    else if (p->form == FORM_LATEX) text_write_latex(p, d, from);
    else text_write_plain(p, d, from);
}

/* A fraction bar holds together by itself, a slash does not; after the sign √(x) a power would be x's; in
 * LaTeX = is looser than "and". */
static print_prec tightness(const printer *p, const dnode *d)
{
    bool bar = d->kind == D_FRAC && d->prec == PREC_MUL && (p->form == FORM_LATEX || p->form == FORM_MATHML);
    if (d->kind == D_SQRT && p->form == FORM_UNICODE) return PREC_POW;
    if (d->kind == D_NODE && d->prec == PREC_REL && p->form == FORM_LATEX && term_aux(p->ctx, d->t) == REL_EQ)
        return PREC_ANY;
    return bar ? PREC_PREFIX : (print_prec)d->prec;
}

static void step_node(printer *p, const dnode *d, print_prec at_least)
{
    dnode *full = NULL;
    if (d->kind == D_TERM || d->kind == D_SCALE) {
        print_item give_back = {.kind = I_REWIND, .u.mark = arena_get_mark(&p->scratch)};
        full = arena_alloc(&p->scratch, sizeof *full);
        if (!full || !vec_push(p->ctx, &p->stack, give_back)) {
            p->broken = true;
            return;
        }
        *full = text_layout(p, d);
        full->tight = at_least == PREC_TIGHT;
        d = full;
    }
    uint32_t holes = 0;
    bool bracket = tightness(p, d) < at_least;
    if (bracket) text_put_open(p, &holes);
    write_node(p, d, 0);
    if (bracket) text_put_close(p, holes);
}

static void step(printer *p, const print_item *it)
{
    switch (it->kind) {
    case I_STR: strbuf_add(p->out, it->u.str); return;
    case I_KID: step_node(p, it->u.kid, (print_prec)it->prec); break;
    case I_TERM: {
        dnode lazy = text_lazy(it->id);
        step_node(p, &lazy, (print_prec)it->prec);
        break;
    }
    case I_REST: write_node(p, it->u.kid, it->id); break;
    case I_REWIND: arena_rewind(&p->scratch, it->u.mark); return;
    case I_HOLE_FROM:
        p->holes.at[it->id].from = p->out->n;
        if (!vec_push(p->ctx, &p->hole_order, it->id)) p->broken = true;
        return;
    case I_HOLE_TO: p->holes.at[it->id].to = p->out->n; return;
    case I_ENTER: text_scope_enter(p, it->id); return;
    case I_LEAVE: text_scope_leave(p, it->id); return;
    case I_TALL: p->tall++; return;
    case I_SHORT_FROM: p->holes.at[it->id].tall = p->tall; return;
    case I_SHORT_TO:
        p->holes.at[it->id].cut = p->holes.at[it->id + 1].cut = p->holes.at[it->id].tall == p->tall;
        return;
    }
    turn_over(p);
}

static void run(printer *p, term t)
{
    bool was_well = ctx_status(p->ctx) == GRADUS_OK;
    size_t start = p->out->n;
    text_put_term(p, t, PREC_ANY);
    turn_over(p);
    while (p->stack.n && !p->broken) {
        print_item it = p->stack.at[--p->stack.n];
        step(p, &it);
        if (p->broken || (was_well && !ctx_tick(p->ctx))) return;
        if (p->out->n - start > PRINT_LIMIT) {
            diag_error(p->ctx, GRADUS_LIMIT, SPAN_NONE,
                       "ask for the JSON reply's value, or name parts of the formula",
                       "the formula written out is longer than 64 MiB");
            return;
        }
    }
}

void text_print(strbuf *out, gradus_ctx *ctx, term t, text_form form)
{
    if (t == TERM_NONE) return;
    printer p = {.ctx = ctx, .out = out, .form = form};
    arena_init(&p.scratch, ctx);
    arena_init(&p.keep, ctx);
    size_t first = out->n;
    if (text_names_init(&p, t)) {
        if (form == FORM_JSON) {
            text_write_json(&p, t);
        } else {
            if (form == FORM_MATHML) strbuf_add(out, "<math xmlns=\"http://www.w3.org/1998/Math/MathML\">");
            run(&p, t);
            if (out->n > first) cut_holes(&p);
            if (form == FORM_MATHML) strbuf_add(out, "</math>");
        }
    }
    text_names_clear(&p);
    vec_clear(ctx, &p.stack);
    vec_clear(ctx, &p.next);
    vec_clear(ctx, &p.holes);
    vec_clear(ctx, &p.hole_order);
    vec_clear(ctx, &p.scopes);
    vec_clear(ctx, &p.scope_of_level);
    arena_clear(&p.scratch);
    arena_clear(&p.keep);
}

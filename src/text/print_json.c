/* print_json: the term as it is stored, for programs. docs/JSON.md describes the tree.
 *
 * One item of the stack is a node and how many of its parts are already written; no layout, no names made
 * short: bound indices carry the name under which text shows them. */
#include "text/print_impl.h"

#include <string.h>

enum { JSON_LIMIT = 64 << 20 };

typedef struct frame {
    term t;
    uint32_t next;  /* the argument to come                      */
    uint32_t scope; /* of a binder: its first scope              */
} frame;

static void put_string(strbuf *out, const char *s)
{
    strbuf_addc(out, '"');
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') {
            strbuf_addc(out, '\\');
            strbuf_addc(out, *s);
        } else if (c < 0x20) {
            strbuf_printf(out, "\\u%04x", c);
        } else {
            strbuf_addc(out, *s);
        }
    }
    strbuf_addc(out, '"');
}

static void put_field(strbuf *out, const char *key, const char *value)
{
    strbuf_printf(out, ",\"%s\":", key);
    put_string(out, value);
}

/* What tells one node of an operator from another, before its arguments. */
static void put_payload(printer *p, term t)
{
    static const char *const constant[] = {"pi", "e", "inf"}, *const rel[] = {"==", "!=", "<", "<="};
    static const char *const side[] = {"both", "right", "left"};
    strbuf *out = p->out;
    uint32_t aux = term_aux(p->ctx, t);
    switch (term_get_op(p->ctx, t)) {
    case OP_NUM:
        strbuf_add(out, ",\"value\":\"");
        num_print_fmpq(out, term_num(p->ctx, t));
        strbuf_addc(out, '"');
        break;
    case OP_CONST: put_field(out, "name", constant[aux]); break;
    case OP_SYM:
    case OP_BOUND: put_field(out, "name", text_name(p, t)); break;
    case OP_FN: put_field(out, "name", fn_get((fn_id)aux)->name); break;
    case OP_REL: put_field(out, "name", rel[aux]); break;
    case OP_REDUCE: put_field(out, "name", term_red_name((term_red)aux)); break;
    case OP_MATFN: put_field(out, "name", text_matfn_name((term_matfn)aux)); break;
    case OP_LIMIT: put_field(out, "side", side[aux]); break;
    case OP_BOOL: strbuf_add(out, aux ? ",\"value\":true" : ",\"value\":false"); break;
    default: break;
    }
}

/* Indices of a binder: their names; their ranges follow as the first arguments. */
static bool open_scopes(printer *p, frame *f)
{
    uint32_t rank = (term_argc(p->ctx, f->t) - 1) / 3;
    strbuf_add(p->out, ",\"index\":[");
    for (uint32_t k = 0; k < rank; k++) {
        uint32_t scope = text_scope_new(p, f->t, k);
        if (p->broken) return false;
        if (k == 0) f->scope = scope;
        else strbuf_addc(p->out, ',');
        put_string(p->out, p->scopes.at[scope].name);
    }
    strbuf_addc(p->out, ']');
    return true;
}

static bool is_binder(const gradus_ctx *ctx, term t)
{
    return term_is(ctx, t, OP_REDUCE) || term_is(ctx, t, OP_ARRAY);
}

/* Arguments of a binder are its ranges lo1, hi1, ... and then the body: its bound index nodes are left out.
 */
static uint32_t skip_index(const printer *p, term t, uint32_t i)
{
    return is_binder(p->ctx, t) && i % 3 == 0 && i + 1 < term_argc(p->ctx, t) ? i + 1 : i;
}

static void enter_body(printer *p, const frame *f, bool enter)
{
    uint32_t rank = (term_argc(p->ctx, f->t) - 1) / 3;
    for (uint32_t k = 0; k < rank; k++) {
        if (enter) text_scope_enter(p, f->scope + k);
        else text_scope_leave(p, f->scope + rank - 1 - k);
    }
}

/* Opens node t: everything up to its first argument. */
static frame open_node(printer *p, term t)
{
    frame f = {.t = t};
    const gradus_ctx *ctx = p->ctx;
    strbuf_add(p->out, "{\"op\":");
    put_string(p->out, term_op_name(term_get_op(ctx, t)));
    if (term_get_flags(ctx, t) & TF_RAW) strbuf_add(p->out, ",\"raw\":true");
    put_payload(p, t);
    if (is_binder(ctx, t) && !open_scopes(p, &f)) return f;
    if (term_argc(ctx, t)) strbuf_add(p->out, ",\"args\":[");
    return f;
}

void text_write_json(printer *p, term t)
{
    const gradus_ctx *ctx = p->ctx;
    VEC(frame) stack = {0};
    bool was_well = ctx_status(ctx) == GRADUS_OK;
    size_t start = p->out->n;
    frame outer = open_node(p, t);
    if (!vec_push(p->ctx, &stack, outer)) p->broken = true;
    while (stack.n && !p->broken && (!was_well || ctx_tick(p->ctx))) {
        frame *f = &stack.at[stack.n - 1];
        uint32_t n = term_argc(ctx, f->t), i = skip_index(p, f->t, f->next);
        if (i < n) {
            if (f->next) strbuf_addc(p->out, ',');
            f->next = i + 1;
            if (is_binder(ctx, f->t) && i + 1 == n) enter_body(p, f, true);
            frame inner = open_node(p, term_arg(ctx, f->t, i));
            if (!vec_push(p->ctx, &stack, inner)) p->broken = true;
        } else {
            if (is_binder(ctx, f->t)) enter_body(p, f, false);
            strbuf_add(p->out, n ? "]}" : "}");
            stack.n--;
        }
        if (p->out->n - start > JSON_LIMIT) {
            diag_error(p->ctx, GRADUS_LIMIT, SPAN_NONE, "name parts of the formula",
                       "the formula written out as JSON is longer than 64 MiB");
            break;
        }
    }
    vec_clear(p->ctx, &stack);
}

/* check: is the answer equal to the question? Proof, witness, or an honest "cannot decide". */
#include "api/api_impl.h"

/* The answer's lines: newlines separate the steps of a derivation. */
typedef struct lines {
    const char *at[64];
    size_t n[64];
    size_t count;
} lines;

static void add_line(lines *l, const char *s, const char *end)
{
    while (s < end && (*s == ' ' || *s == '\t' || *s == '='))
        s++;
    while (end > s && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    if (s < end && l->count < 64) {
        l->at[l->count] = s;
        l->n[l->count++] = (size_t)(end - s);
    }
}

static void split_lines(lines *l, const char *text, size_t n)
{
    const char *start = text, *stop = text + n;
    l->count = 0;
    for (const char *p = text; p <= stop; p++)
        if (p == stop || *p == '\n') {
            add_line(l, start, p);
            start = p + 1;
        }
}

/* A line is a formula, or definitions and then a formula: "s[0] = 0 ;; s[t] = ... for t = 1..T ;; sum[t](s[t])". */
static term read_block(problem *p, const char *s, size_t n)
{
    term t = text_parse_block(p->ctx, s, n, p->q->format == GRADUS_LATEX ? TEXT_LATEX : TEXT_PLAIN);
    return t && ctx_status(p->ctx) == GRADUS_OK ? diff_resolve(p->ctx, t) : TERM_NONE;
}

/* ---- words ------------------------------------------------------------------------------------------------------ */

/* A place of the witness: a number, or (where another value made it) a formula. */
static void print_place(problem *p, strbuf *b, term value)
{
    if (value && term_is_num(p->ctx, value))
        num_print_double(b, num_fmpq_get_double(term_num(p->ctx, value)));
    else if (value)
        text_print(b, p->ctx, value, FORM_TEXT);
    else
        strbuf_add(b, "nan");
}

static void print_witness(problem *p, strbuf *b, const prove_result *r)
{
    for (size_t i = 0; i < r->witness_count; i++) {
        strbuf_printf(b, "%s%s = ", i ? ", " : "", term_sym_name(p->ctx, r->witness[i].sym));
        print_place(p, b, r->witness[i].value);
    }
}

static void witness_json(problem *p, strbuf *b, const prove_result *r, size_t line, size_t lines_count)
{
    if (lines_count > 1)
        strbuf_printf(b, ",\"line\":%zu", line + 1);
    if (!r->left)
        return;
    strbuf_add(b, ",\"witness\":{\"at\":{");
    for (size_t i = 0; i < r->witness_count; i++) {
        strbuf_add(b, i ? "," : "");
        reply_string(b, term_sym_name(p->ctx, r->witness[i].sym));
        strbuf_addc(b, ':');
        term value = r->witness[i].value;
        if (value && term_is_num(p->ctx, value)) {
            reply_double(b, num_fmpq_get_double(term_num(p->ctx, value)));
            continue;
        }
        strbuf place;
        strbuf_init(&place, p->ctx);
        print_place(p, &place, value);
        reply_string(b, strbuf_str(&place));
        strbuf_clear(&place);
    }
    strbuf_add(b, "},\"yours\":");
    reply_string(b, r->left);
    strbuf_add(b, ",\"true\":");
    reply_string(b, r->right);
    strbuf_addc(b, '}');
}

static void right_words(problem *p, strbuf *b, term target, const prove_result *r)
{
    strbuf t;
    strbuf_init(&t, p->ctx);
    text_print(&t, p->ctx, target, FORM_TEXT);
    strbuf_add(b, "right");
    for (size_t i = 0; i < r->conditions.n; i++) {
        strbuf_add(b, i ? " and " : " for ");
        text_print(b, p->ctx, r->conditions.at[i], FORM_TEXT);
    }
    strbuf_printf(b, ". The same as %s (%s).", strbuf_str(&t), r->how);
    strbuf_clear(&t);
}

static void wrong_words(problem *p, strbuf *b, const prove_result *r, size_t line, size_t count)
{
    strbuf_add(b, "wrong");
    if (count > 1)
        strbuf_printf(b, " in line %zu", line + 1);
    if (r->left && r->witness_count) {
        strbuf_add(b, " at ");
        print_witness(p, b, r);
    }
    if (r->left)
        strbuf_printf(b, ": yours is %s, the true value %s.", r->left, r->right);
    else
        strbuf_printf(b, ": %s.", r->how);
    if (count > 1 && line > 0)
        strbuf_printf(b, " Line %zu still equals the question; line %zu does not.", line, line + 1);
}

static void set_verdict(problem *p, term target, const prove_result *r, size_t line, size_t count)
{
    gradus_answer *a = p->a;
    strbuf b;
    a->has_equal = true;
    a->equal = r->equal;
    strbuf_init(&b, p->ctx);
    if (r->equal == GRADUS_YES)
        right_words(p, &b, target, r);
    else if (r->equal == GRADUS_NO)
        wrong_words(p, &b, r, line, count);
    else
        strbuf_printf(&b, "cannot decide: %s. Not marked wrong.", r->how);
    a->verdict = answer_copy(a, &b);
    b.n = 0;
    strbuf_add(&b, ",\"how\":");
    reply_string(&b, r->how);
    witness_json(p, &b, r, line, count);
    a->check_json = answer_copy(a, &b);
    for (size_t i = 0; i < r->conditions.n && r->equal == GRADUS_YES; i++) {
        b.n = 0;
        text_print(&b, p->ctx, r->conditions.at[i], FORM_TEXT);
        answer_add(a, &a->conditions, strbuf_str(&b));
    }
    strbuf_clear(&b);
}

/* ---- the question ---------------------------------------------------------------------------------------------------- */

/* Values for names that are indices of the question (the k of d/dw[k]) do not pin them. */
static void drop_indices(problem *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->at.n; i++)
        if (term_sym_info(p->ctx, p->at.at[i].sym)->role != ROLE_INDEX)
            p->at.at[kept++] = p->at.at[i];
    p->at.n = kept;
}

void ask_check(problem *p)
{
    gradus_ctx *ctx = p->ctx;
    const gradus_query *q = p->q;
    if (!q->of || !*q->of) {
        diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, "gradus check '2*x' --of 'd/dx (x^2)'",
                   "a check needs the question that the answer belongs to");
        return;
    }
    term question = read_expression(p, q->of, strlen(q->of));
    term target = question ? diff_resolve(ctx, question) : TERM_NONE;
    if (!target)
        return;
    drop_indices(p);
    lines l;
    split_lines(&l, q->expr ? q->expr : "", q->expr_length ? q->expr_length : q->expr ? strlen(q->expr) : 0);
    if (l.count == 0) {
        diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, "type the formula you found", "the answer is empty");
        return;
    }
    for (size_t i = 0; i < l.count; i++) {
        term mine = read_block(p, l.at[i], l.n[i]);
        prove_result r;
        if (!mine || prove_equal(ctx, mine, target, p->at.at, p->at.n, &p->a->mem, &r) != GRADUS_OK)
            return;
        if (r.equal != GRADUS_YES || i + 1 == l.count)
            set_verdict(p, target, &r, i, l.count);
        vec_clear(ctx, &r.conditions);
        if (r.equal != GRADUS_YES)
            return;
    }
}

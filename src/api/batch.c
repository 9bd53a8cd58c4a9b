/* batch: one JSON request line in, one JSON reply line out (docs/BATCH.md). jansson reads; reply.c writes. */
#include "api/api_impl.h"

#include <jansson.h>
#include <math.h>

/* A request while it is being read. Arrays live in `mem`. */
typedef struct request {
    gradus_ctx *ctx;
    arena mem;
    json_t *root;
    gradus_query q;
    const char *error; /* what is wrong with the request, or NULL */
} request;

static const char *const op_names[GRADUS_OP_COUNT] = {
    [GRADUS_OP_DIFF] = "diff",         [GRADUS_OP_EVAL] = "eval",         [GRADUS_OP_GRAD] = "grad",
    [GRADUS_OP_JACOBIAN] = "jacobian", [GRADUS_OP_HESSIAN] = "hessian",   [GRADUS_OP_SLOPE] = "slope",
    [GRADUS_OP_CHECK] = "check",       [GRADUS_OP_SIMPLIFY] = "simplify", [GRADUS_OP_LIMIT] = "limit",
    [GRADUS_OP_PRINT] = "print",       [GRADUS_OP_DEFINE] = "define",     [GRADUS_OP_RESET] = "reset",
    [GRADUS_OP_FUNCTIONS] = "functions", [GRADUS_OP_IMPLICIT] = "implicit", [GRADUS_OP_DIRECTION] = "direction",
};

static const char *const format_names[] = {"text", "latex", "unicode", "mathml", "json"};

static void wrong(request *r, const char *fmt, ...) BASE_PRINTF(2, 3);
static void wrong(request *r, const char *fmt, ...)
{
    if (r->error)
        return;
    strbuf b;
    va_list ap;
    strbuf_init(&b, r->ctx);
    va_start(ap, fmt);
    strbuf_vprintf(&b, fmt, ap);
    va_end(ap);
    r->error = arena_strndup(&r->mem, strbuf_str(&b), b.n);
    if (!r->error)
        r->error = "out of memory";
    strbuf_clear(&b);
}

static const char *string_member(request *r, const char *name, size_t *n)
{
    json_t *v = json_object_get(r->root, name);
    if (!v || json_is_null(v))
        return NULL;
    if (!json_is_string(v)) {
        wrong(r, "\"%s\" must be a string", name);
        return NULL;
    }
    if (n)
        *n = json_string_length(v);
    return json_string_value(v);
}

static int choice(request *r, const char *member, const char *const *names, int count, int otherwise)
{
    const char *s = string_member(r, member, NULL);
    if (!s)
        return otherwise;
    for (int i = 0; i < count; i++)
        if (names[i] && strcmp(names[i], s) == 0)
            return i;
    strbuf b;
    strbuf_init(&b, r->ctx);
    for (int i = 0; i < count; i++)
        if (names[i])
            strbuf_printf(&b, "%s%s", b.n ? ", " : "", names[i]);
    wrong(r, "\"%s\" is one of %s; found \"%.80s\"", member, strbuf_str(&b), s);
    strbuf_clear(&b);
    return otherwise;
}

static long integer_member(request *r, const char *name, long lowest, long highest, long otherwise)
{
    json_t *v = json_object_get(r->root, name);
    if (!v || json_is_null(v))
        return otherwise;
    if (!json_is_integer(v) || json_integer_value(v) < lowest || json_integer_value(v) > highest) {
        wrong(r, "\"%s\" must be a whole number from %ld to %ld", name, lowest, highest);
        return otherwise;
    }
    return (long)json_integer_value(v);
}

/* A number, or "nan", "inf", "-inf" (JSON has no such numbers). */
static bool number_of(json_t *v, double *out)
{
    if (json_is_number(v)) {
        *out = json_number_value(v);
        return true;
    }
    return json_is_string(v) && num_parse_double(out, json_string_value(v), json_string_length(v));
}

static void read_wrt(request *r, const char *member, const char *const **list, size_t *count)
{
    json_t *v = json_object_get(r->root, member);
    if (!v || json_is_null(v))
        return;
    size_t n = json_is_array(v) ? json_array_size(v) : 1;
    const char **names = arena_alloc(&r->mem, (n + 1) * sizeof *names);
    for (size_t i = 0; names && i < n; i++) {
        json_t *e = json_is_array(v) ? json_array_get(v, i) : v;
        if (!json_is_string(e)) {
            wrong(r, "\"%s\" must be a name or a list of names", member);
            return;
        }
        names[i] = json_string_value(e);
    }
    *list = names;
    *count = names ? n : 0;
}

static void read_at(request *r)
{
    json_t *at = json_object_get(r->root, "at"), *v;
    const char *name;
    size_t n = 0;
    if (!at || json_is_null(at))
        return;
    if (!json_is_object(at)) {
        wrong(r, "\"at\" must be an object like {\"x\": 0.5}");
        return;
    }
    gradus_value *values = arena_alloc(&r->mem, (json_object_size(at) + 1) * sizeof *values);
    if (!values)
        return;
    json_object_foreach(at, name, v)
    {
        gradus_value *x = &values[n++];
        x->name = name;
        if (json_is_string(v) && !num_parse_double(&x->value, json_string_value(v), json_string_length(v)))
            x->text = json_string_value(v);
        else if (!number_of(v, &x->value))
            wrong(r, "\"at\": %.80s must be a number (or a string such as \"1/3\")", name);
    }
    r->q.at = values;
    r->q.at_count = n;
}

/* Nested lists of numbers to a row-major array; every list of one depth has the same length. */
static bool read_array(request *r, const char *name, json_t *v, gradus_array *g)
{
    int64_t *dims = arena_alloc(&r->mem, SYM_MAX_RANK * sizeof *dims);
    size_t count = 1;
    uint32_t rank = 0;
    if (!dims)
        return false;
    for (json_t *e = v; json_is_array(e); e = json_array_get(e, 0)) {
        if (rank == SYM_MAX_RANK) {
            wrong(r, "\"given\": %.80s is nested more than %d deep", name, SYM_MAX_RANK);
            return false;
        }
        dims[rank++] = (int64_t)json_array_size(e);
        if (!size_mul(count, json_array_size(e), &count))
            return false;
    }
    double *values = arena_alloc(&r->mem, (count + 1) * sizeof *values);
    if (!values)
        return false;
    json_t *level[SYM_MAX_RANK + 1] = {v};
    for (size_t i = 0; i < count; i++) {
        size_t rest = i, below = count;
        for (uint32_t d = 0; d < rank; d++) {
            below /= (size_t)dims[d];
            if (!json_is_array(level[d]) || json_array_size(level[d]) != (size_t)dims[d]) {
                wrong(r, "\"given\": the rows of %.80s differ in length", name);
                return false;
            }
            level[d + 1] = json_array_get(level[d], rest / below);
            rest %= below;
        }
        if (!number_of(level[rank], &values[i])) {
            wrong(r, "\"given\": %.80s must hold numbers only, in rows of equal length", name);
            return false;
        }
    }
    *g = (gradus_array){name, rank, dims, values};
    return true;
}

static void read_given_arrays(request *r)
{
    json_t *given = json_object_get(r->root, "given"), *v;
    const char *name;
    size_t n = 0;
    if (!given || json_is_null(given))
        return;
    if (!json_is_object(given)) {
        wrong(r, "\"given\" must be an object like {\"A\": [[1, 2], [3, 4]]}");
        return;
    }
    gradus_array *arrays = arena_alloc(&r->mem, (json_object_size(given) + 1) * sizeof *arrays);
    if (!arrays)
        return;
    json_object_foreach(given, name, v) if (!read_array(r, name, v, &arrays[n++])) return;
    r->q.given = arrays;
    r->q.given_count = n;
}

static void read_steps(request *r)
{
    json_t *v = json_object_get(r->root, "steps");
    if (!v || json_is_null(v) || json_is_false(v))
        return;
    if (json_is_true(v)) {
        r->q.steps = GRADUS_STEPS_FULL;
        return;
    }
    static const char *const levels[] = {"none", "brief", "full", "atomic"};
    r->q.steps = (gradus_level)choice(r, "steps", levels, 4, GRADUS_STEPS_NONE);
}

static void read_limits(request *r)
{
    json_t *v = json_object_get(r->root, "limit");
    if (!v || json_is_null(v))
        return;
    json_t *nodes = json_object_get(v, "nodes"), *seconds = json_object_get(v, "seconds");
    if (!json_is_object(v) || (nodes && (!json_is_integer(nodes) || json_integer_value(nodes) < 0)) ||
        (seconds && (!json_is_number(seconds) || json_number_value(seconds) < 0))) {
        wrong(r, "\"limit\" must be an object like {\"nodes\": 1000000, \"seconds\": 2}");
        return;
    }
    gradus_set_limits(r->ctx, nodes ? (uint64_t)json_integer_value(nodes) : r->ctx->limits.nodes,
                      seconds ? json_number_value(seconds) : r->ctx->limits.seconds);
}

static void read_request(request *r)
{
    static const char *const engines[] = {[GRADUS_ENGINE_BALL] = "ball", [GRADUS_ENGINE_FLOAT] = "float"};
    gradus_query_defaults(&r->q, GRADUS_OP_DIFF);
    if (!json_is_object(r->root)) {
        wrong(r, "a request is one JSON object a line, like {\"op\": \"diff\", \"expr\": \"x^2\", \"wrt\": \"x\"}");
        return;
    }
    if (!json_object_get(r->root, "op"))
        wrong(r, "the request has no \"op\"");
    r->q.op = (gradus_op)choice(r, "op", op_names, GRADUS_OP_COUNT, GRADUS_OP_DIFF);
    r->q.expr = string_member(r, "expr", &r->q.expr_length);
    if (!r->q.expr) {
        r->q.expr = "";
        if (r->q.op != GRADUS_OP_RESET && r->q.op != GRADUS_OP_FUNCTIONS)
            wrong(r, "the request has no \"expr\"");
    }
    r->q.format = (gradus_format)choice(r, "format", format_names, 2, GRADUS_TEXT);
    r->q.output = (gradus_format)choice(r, "output", format_names, 5, GRADUS_TEXT);
    r->q.engine = (gradus_engine)choice(r, "engine", engines, 2, GRADUS_ENGINE_BALL);
    r->q.order = (uint32_t)integer_member(r, "order", 0, 1000, 1);
    r->q.digits = integer_member(r, "digits", 0, 100000, 0);
    r->q.hint = (int)integer_member(r, "hint", 0, 5, 0);
    r->q.of = string_member(r, "of", NULL);
    r->q.method = string_member(r, "method", NULL);
    r->q.declare = string_member(r, "declare", NULL);
    read_wrt(r, "wrt", &r->q.wrt, &r->q.wrt_count);
    read_wrt(r, "along", &r->q.along, &r->q.along_count);
    read_at(r);
    read_given_arrays(r);
    read_steps(r);
    read_limits(r);
}

/* The id as JSON text; NULL if there is none. */
static char *id_text(request *r)
{
    json_t *id = json_is_object(r->root) ? json_object_get(r->root, "id") : NULL;
    return id ? json_dumps(id, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
}

static void error_reply(strbuf *out, const char *id, gradus_status code, const char *message)
{
    strbuf_addc(out, '{');
    if (id)
        strbuf_printf(out, "\"id\":%s,", id);
    strbuf_printf(out, "\"ok\":false,\"error\":{\"code\":\"%s\",\"message\":", status_name(code));
    reply_string(out, message);
    strbuf_add(out, "}}");
}

static char *string_keep(strbuf *b)
{
    /* The block is handed out whole; gradus_string_free needs its size again: it is stored in front. */
    size_t n = b->n + 1, total;
    if (!size_add(n, sizeof(size_t), &total))
        return NULL;
    char *block = ctx_realloc(b->ctx, NULL, 0, total);
    if (!block)
        return NULL;
    memcpy(block, &total, sizeof total);
    memcpy(block + sizeof total, strbuf_str(b), n);
    return block + sizeof total;
}

void gradus_string_free(gradus_ctx *ctx, char *s)
{
    if (!s)
        return;
    size_t total;
    char *block = s - sizeof total;
    memcpy(&total, block, sizeof total);
    ctx_realloc(ctx, block, total, 0);
}

/* The answer to a request that was read; a reply that memory did not suffice for says so. */
static void answer_reply(request *r, strbuf *out, const char *id)
{
    gradus_answer *a = gradus_ask(r->ctx, &r->q);
    ctx_begin(r->ctx); /* what fails from here on concerns the reply */
    if (a)
        strbuf_add(out, gradus_answer_json(a, id));
    if (!a || ctx_status(r->ctx) != GRADUS_OK) {
        out->n = 0;
        ctx_begin(r->ctx);
        error_reply(out, id, GRADUS_NOMEM, "out of memory");
    }
    gradus_answer_free(a);
}

char *gradus_batch_line(gradus_ctx *ctx, const char *line, size_t n)
{
    request r = {.ctx = ctx};
    json_error_t e;
    strbuf out;
    ctx_begin(ctx);
    arena_init(&r.mem, ctx);
    strbuf_init(&out, ctx);
    ctx_limits limits = ctx->limits;
    r.root = json_loadb(line, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &e);
    char *id = r.root ? id_text(&r) : NULL;
    if (!r.root)
        wrong(&r, "this line is not JSON: %s (near column %d)", e.text, e.column);
    else
        read_request(&r);
    if (ctx_status(ctx) == GRADUS_NOMEM) { /* the request was read in part only */
        ctx_begin(ctx);
        error_reply(&out, id, GRADUS_NOMEM, "out of memory");
    } else if (r.error) {
        error_reply(&out, id, GRADUS_SYNTAX, r.error);
    } else {
        answer_reply(&r, &out, id);
    }
    ctx->limits = limits;
    free(id);
    json_decref(r.root);
    arena_clear(&r.mem);
    char *reply = ctx_status(ctx) == GRADUS_NOMEM ? NULL : string_keep(&out);
    strbuf_clear(&out);
    return reply;
}

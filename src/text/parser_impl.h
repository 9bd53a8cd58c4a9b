/* parser_impl: the machine that makes trees from tokens, shared by parser.c and parser_open.c.
 *
 * One loop with two explicit stacks: `operands` holds finished nodes; `items` holds, innermost last, the
 * operators that wait for their right side and the *frames*: constructs with a bracket or a keyword still
 * open (a call, an index list, a reducer's binders, ...). The machine is either at a place where a value must
 * begin (`want`) or has just got one. */
#ifndef PARSER_IMPL_H
#define PARSER_IMPL_H

#include "text/text_impl.h"

typedef enum item_kind {
    IT_BINARY,
    IT_PREFIX,    /* minus, not                                                            */
    IT_TIGHT,     /* d/dx and the root sign: take the operand that follows, nothing more     */
    FR_TOP,       /* a statement                                                           */
    FR_PAREN,     /* ( ), also a tuple                                                     */
    FR_ARGUMENTS, /* of a CALL, PRIMED or APPLY node                                        */
    FR_INDEX,     /* a[ ]; of INDEX and SUBSCRIPT nodes                                     */
    FR_IVERSON,
    FR_CASES, /* stage 0: a value is read; 1: a condition; 2: the last value             */
    FR_BAR,
    FR_BINDERS, /* sum[ ]; stage 1: lower end; 2: upper end; 3: condition; 0: no range       */
    FR_FOR,     /* for t = 1..T; same stages                                             */
    FR_TARGET,  /* lim[x -> ]                                                            */
    FR_BODY,    /* the bracket after sum[ ], lim[ ]                                        */
    FR_VARIABLE /* d/dw[ ]                                                               */
} item_kind;

typedef struct parse_item {
    uint8_t kind, prec, stage;
    uint8_t op;     /* token kind of an operator                         */
    uint32_t node;  /* the node under construction                       */
    uint32_t token; /* what opened it                                    */
    uint32_t power; /* sin^2( ): the exponent's node, else 0              */
} parse_item;

typedef struct parser {
    reader *r;
    uint32_t at; /* next token */
    bool want;
    VEC(parse_item) items;
    VEC(uint32_t) operands;
} parser;

static inline const token *token_at(const parser *p, uint32_t i)
{
    return &p->r->tokens.at[i < p->r->tokens.n ? i : p->r->tokens.n - 1];
}
static inline const token *look(const parser *p, uint32_t ahead)
{
    return token_at(p, p->at + ahead);
}
static inline parse_item *top_item(const parser *p)
{
    return &p->items.at[p->items.n - 1];
}

bool parse_push(parser *p, parse_item i);
bool parse_operand(parser *p, uint32_t node);
/* Begins what the next token begins, at a place where a value must stand. */
bool parse_open(parser *p);
/* After `name` (or a comma) in sum[ or for: the binder's name, and its = if there is a range. */
bool parse_binder(parser *p);
/* After the variables of a derivative, and after each d/dw[k]. */
bool parse_derivative_rest(parser *p, uint32_t node, uint32_t op_token);
bool parse_body_bracket(parser *p, uint32_t node, uint32_t op_token);
/* Can this token begin a value? */
bool parse_begins_value(const parser *p, const token *t);
bool parse_error_at(parser *p, const token *t, const char *hint, const char *fmt, ...) BASE_PRINTF(4, 5);
/* The characters from token i to the end of its term: up to an operator, closing bracket or separator. */
const char *parse_quote_factor(parser *p, uint32_t i);
bool parse_is_function(parser *p, uint32_t name);

#endif

/** The types that follow from the table of operations. */
import type { z } from "zod";
import type { SchemaName, Schemas } from "./operation-declaration.ts";
import type { OperationName } from "./operation-names.ts";
import type { OPERATIONS } from "./operations.ts";

type Row<Name extends OperationName> = (typeof OPERATIONS)[Name];

/** What a schema of this name makes of a value. */
type Parsed<Name> = Name extends SchemaName ? z.output<Schemas[Name]> : unknown;
/** What a request carries in one of its places; nothing where the row names none. */
type Carried<Name extends OperationName, Place extends "params" | "query" | "body"> =
  Row<Name> extends { readonly [P in Place]: infer Schema } ? Parsed<Schema> : unknown;

/** What a handler gets, beside the ids of what the operation is done to. */
export type OperationInput<Name extends OperationName> =
  Row<Name> extends { message: string }
    ? unknown
    : Carried<Name, "params"> & Carried<Name, "query"> & Carried<Name, "body">;

/** What the conversation answers. */
export type OperationResult<Name extends OperationName> = Row<Name>["result"] extends SchemaName
  ? Parsed<Row<Name>["result"]>
  : null;

/** What the route answers. */
export type OperationAnswer<Name extends OperationName> =
  Row<Name> extends { shown: infer Schema } ? Parsed<Schema> : OperationResult<Name>;

/** One object type instead of an intersection, which editors show field by field. */
type Flat<T> = { [Key in keyof T]: T[Key] };

/** The names in the braces of a path. */
type PathNames<Path> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | PathNames<Rest> : never;

/** The query as a client gives it: a value that the server reads from text may be given as either. */
type QueryOf<Name extends OperationName> =
  Row<Name> extends { readonly query: infer Schema extends SchemaName }
    ? QueryValues<Schemas[Schema]>
    : unknown;
type QueryValues<Schema extends z.ZodType> = {
  [Key in keyof z.input<Schema>]: z.input<Schema>[Key] | z.output<Schema>[Key & keyof z.output<Schema>];
};

/** The body as a client sends it: without what the server adds. */
type BodyOf<Name extends OperationName> =
  Row<Name> extends { readonly body: infer Schema extends SchemaName } ? z.input<Schemas[Schema]> : unknown;

/** An operation that has a route. */
export type RestOperation = {
  [Name in OperationName]: Row<Name> extends { rest: unknown } ? Name : never;
}[OperationName];

/** What a client asks an operation with over REST: the names of its path, its query and its body as one object. */
export type OperationRequest<Name extends RestOperation> = Flat<
  { [Key in PathNames<Row<Name>["rest"][1]>]: string } & QueryOf<Name> & BodyOf<Name>
>;

/** Every operation that has a route, as a client calls it. Nothing (204) is `undefined`. */
export type RestCalls = {
  [Name in RestOperation]: {
    request: OperationRequest<Name>;
    answer: OperationAnswer<Name> extends null ? undefined : OperationAnswer<Name>;
  };
};

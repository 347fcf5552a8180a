/** The types that follow from the table of operations. */
import type { z } from "zod";
import type { SchemaName, Schemas } from "./operation-declaration.ts";
import type { OPERATIONS, OperationName } from "./operations.ts";

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

/** What a client may leave out, because the server knows a default. */
type Omissible<Schema extends z.ZodType> = {
  [Key in keyof z.output<Schema>]: Key extends keyof z.input<Schema>
    ? undefined extends z.input<Schema>[Key]
      ? Key
      : never
    : never;
}[keyof z.output<Schema>];

/** What a client gives for a schema: values as the server reads them, without what it may leave out. */
type Given<Schema extends z.ZodType> = Omit<z.output<Schema>, Omissible<Schema>> & {
  [Key in Omissible<Schema>]?: z.output<Schema>[Key] | undefined;
};

type GivenIn<Name extends OperationName, Place extends "query" | "body"> =
  Row<Name> extends { readonly [P in Place]: infer Schema extends SchemaName }
    ? Given<Schemas[Schema]>
    : unknown;

/** An operation that has a route. */
export type RestOperation = {
  [Name in OperationName]: Row<Name> extends { rest: unknown } ? Name : never;
}[OperationName];

/** What a client asks an operation with over REST: the names of its path, its query and its body as one object. */
export type OperationRequest<Name extends RestOperation> = Flat<
  { [Key in PathNames<Row<Name>["rest"][1]>]: string } & GivenIn<Name, "query"> & GivenIn<Name, "body">
>;

/** Every operation that has a route, as a client calls it. Nothing (204) is `undefined`. */
export type RestCalls = {
  [Name in RestOperation]: {
    request: OperationRequest<Name>;
    answer: OperationAnswer<Name> extends null ? undefined : OperationAnswer<Name>;
  };
};

/**
 * The types of the protocol without its schemas. In the sources they are inferred by zod; the declarations of the client
 * must not need zod, so each becomes what it stands for, with the descriptions of the schemas as comments.
 */
import ts from "typescript";

/** Descriptions of the fields of a type, by its name. */
export type Descriptions = (type: string, field: string) => string | undefined;

const INDENT = "  ";

/**
 * Writes types that a module exports as declarations that import nothing.
 * @param wanted their names; what they refer to comes with them.
 */
export function plainTypes(
  file: string,
  options: ts.CompilerOptions,
  wanted: Iterable<string>,
  describe: Descriptions,
): string {
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${file} is no module`);
  const types = checker.getExportsOfModule(module).flatMap((symbol) => namedType(checker, symbol));
  return new Printer(checker, types, describe).print(wanted);
}

interface NamedType {
  name: string;
  type: ts.Type;
  comment: string;
}

/** A type that is exported under a name, unless it is generic. */
function namedType(checker: ts.TypeChecker, symbol: ts.Symbol): NamedType[] {
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  const target = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
  const declaration = target.declarations?.find(
    (one) => ts.isTypeAliasDeclaration(one) || ts.isInterfaceDeclaration(one),
  );
  if (!declaration || declaration.typeParameters) return [];
  const type = checker.getDeclaredTypeOfSymbol(target);
  // Every number would go by the name of one kind of number.
  if ((type.flags & (ts.TypeFlags.Number | ts.TypeFlags.String | ts.TypeFlags.Boolean)) !== 0) return [];
  const comment = ts.displayPartsToString(target.getDocumentationComment(checker));
  return [{ name: symbol.name, type, comment }];
}

class Printer {
  readonly #checker: ts.TypeChecker;
  readonly #types: ReadonlyMap<ts.Type, NamedType>;
  readonly #describe: Descriptions;
  /** Names that are to be declared; a set keeps the order, and what is added while it is read. */
  readonly #wanted = new Set<string>();

  constructor(checker: ts.TypeChecker, types: readonly NamedType[], describe: Descriptions) {
    this.#checker = checker;
    this.#types = new Map(types.map((one) => [one.type, one]));
    this.#describe = describe;
  }

  /** The declarations of these types, and of all that they refer to. @throws Error if there is no such type. */
  print(wanted: Iterable<string>): string {
    for (const name of wanted) this.#wanted.add(name);
    const types = new Map([...this.#types.values()].map((one) => [one.name, one]));
    const written: string[] = [];
    for (const name of this.#wanted) {
      const type = types.get(name);
      if (!type) throw new Error(`the protocol exports no type ${name}`);
      written.push(this.#declaration(type));
    }
    return written.join("\n");
  }

  #declaration({ name, type, comment }: NamedType): string {
    const body = isRecord(type)
      ? `interface ${name} ${this.#object(type, "", name)}`
      : `type ${name} = ${this.#structure(type, "")};`;
    return `${commentOf(comment, "")}export ${body}\n`;
  }

  /** A type by its name, where it has one. */
  #reference(type: ts.Type, indent: string): string {
    const name = this.#types.get(type)?.name;
    if (name === undefined) return this.#structure(type, indent);
    this.#wanted.add(name);
    return name;
  }

  #structure(type: ts.Type, indent: string): string {
    if (type.isUnion()) return this.#union(type, indent);
    const checker = this.#checker;
    if (checker.isArrayType(type)) {
      const [element] = checker.getTypeArguments(type as ts.TypeReference);
      const inner = element ? this.#reference(element, indent) : "unknown";
      return /^\w+$/.test(inner) ? `${inner}[]` : `Array<${inner}>`;
    }
    if (isRecord(type)) return this.#object(type, indent);
    return checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
  }

  #union(type: ts.UnionType, indent: string): string {
    // `boolean` is a union of two types.
    const left = new Set(type.types.map((one) => this.#reference(one, indent)));
    if (left.delete("true") && left.delete("false")) left.add("boolean");
    const nothing = ["null", "undefined"].filter((one) => left.delete(one));
    return [...left, ...nothing].join(" | ");
  }

  #object(type: ts.Type, indent: string, owner = ""): string {
    const inner = indent + INDENT;
    const index = this.#checker.getIndexInfosOfType(type).map(({ keyType, type: value }) => {
      return `${inner}[key: ${this.#checker.typeToString(keyType)}]: ${this.#reference(value, inner)};\n`;
    });
    const fields = type.getProperties().map((field) => this.#field(field, inner, owner));
    return `{\n${[...index, ...fields].join("")}${indent}}`;
  }

  #field(field: ts.Symbol, indent: string, owner: string): string {
    const isOptional = (field.flags & ts.SymbolFlags.Optional) !== 0;
    const type = this.#checker.getTypeOfSymbol(field);
    const comment =
      this.#describe(owner, field.name) ??
      ts.displayPartsToString(field.getDocumentationComment(this.#checker));
    const name = /^\w+$/.test(field.name) ? field.name : JSON.stringify(field.name);
    const value = this.#reference(type, indent);
    return `${commentOf(comment, indent)}${indent}${name}${isOptional ? "?" : ""}: ${value};\n`;
  }
}

/** Whether a type is an object of fields. */
function isRecord(type: ts.Type): boolean {
  return (
    (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0 &&
    type.getCallSignatures().length === 0
  );
}

function commentOf(text: string, indent: string): string {
  if (text === "") return "";
  const [first = "", ...more] = text.replaceAll("*/", "* /").split("\n");
  if (more.length === 0) return `${indent}/** ${first} */\n`;
  const lines = [first, ...more].map((line) => `${indent} * ${line}`.trimEnd());
  return `${indent}/**\n${lines.join("\n")}\n${indent} */\n`;
}

/** Which names are bound around a node of the linter's tree. */

/** A node seen from outside; what is not there is `undefined`. */
interface Loose {
  readonly type: string;
  readonly name?: string;
  readonly parent?: Loose;
  /** Whether it only tells the type checker about something that is elsewhere. */
  readonly declare?: boolean;
  readonly importKind?: "type" | "value";
  readonly id?: Loose | null;
  readonly body?: Loose | readonly Loose[] | null;
  readonly params?: readonly Loose[];
  readonly param?: Loose | null;
  readonly init?: Loose | null;
  readonly left?: Loose;
  readonly value?: unknown;
  readonly argument?: Loose;
  readonly parameter?: Loose;
  readonly declaration?: Loose | null;
  readonly local?: Loose;
  readonly declarations?: readonly Loose[];
  readonly properties?: readonly Loose[];
  readonly elements?: readonly (Loose | null)[];
  readonly specifiers?: readonly Loose[];
}

/** Nodes around a name that stands for a type, or for a value that only a type speaks of. */
const TYPE_POSITIONS: ReadonlySet<string> = new Set([
  "TSTypeReference",
  "TSTypeQuery",
  "TSQualifiedName",
  "TSInterfaceHeritage",
  "TSClassImplements",
]);

/** What a declaration gives a name to. */
type Meaning = "value" | "type";

/**
 * Whether the name stands for something of the file itself, not for the global of that name. A type
 * stands before the global in types only.
 */
export function isShadowed(node: Deno.lint.Identifier): boolean {
  const start = node as unknown as Loose;
  const isInType = TYPE_POSITIONS.has(start.parent?.type ?? "");
  const meanings: readonly Meaning[] = isInType ? ["value", "type"] : ["value"];
  for (let around = start.parent; around !== undefined; around = around.parent) {
    if (isBoundIn(around, node.name, meanings)) return true;
    if (around.type === "Program") break;
  }
  return false;
}

/** Whether a node opens a scope in which `name` is bound. */
function isBoundIn(scope: Loose, name: string, meanings: readonly Meaning[]): boolean {
  if (scope.params?.some((param) => binds(param, name)) === true) return true;
  switch (scope.type) {
    case "Program":
    case "BlockStatement":
    case "StaticBlock":
      return (scope.body as readonly Loose[]).some((statement) =>
        meanings.some((meaning) => declares(statement, name, meaning))
      );
    case "ForStatement":
      return declares(scope.init, name, "value");
    case "ForOfStatement":
    case "ForInStatement":
      return declares(scope.left, name, "value");
    case "CatchClause":
      return binds(scope.param, name);
    case "FunctionExpression":
    case "ClassExpression":
      return binds(scope.id, name);
    default:
      return false;
  }
}

/** Whether a statement declares `name` in the scope in which it stands. */
function declares(statement: Loose | null | undefined, name: string, meaning: Meaning): boolean {
  if (statement?.declare === true) return false;
  switch (statement?.type) {
    case "VariableDeclaration":
      return statement.declarations?.some((one) => binds(one.id, name)) === true;
    case "ImportDeclaration":
      return statement.specifiers?.some((one) => {
        const isType = statement.importKind === "type" || one.importKind === "type";
        return (isType ? "type" : "value") === meaning && binds(one.local, name);
      }) === true;
    case "ExportNamedDeclaration":
      return declares(statement.declaration, name, meaning);
    case "FunctionDeclaration":
    case "ClassDeclaration":
    case "TSEnumDeclaration":
      return binds(statement.id, name);
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      return meaning === "type" && binds(statement.id, name);
    default:
      return false;
  }
}

/** Whether a pattern binds `name`. */
function binds(pattern: Loose | null | undefined, name: string): boolean {
  switch (pattern?.type) {
    case "Identifier":
      return pattern.name === name;
    case "ObjectPattern":
      return pattern.properties?.some((one) => binds(one, name)) === true;
    case "Property":
      return binds(pattern.value as Loose, name);
    case "ArrayPattern":
      return pattern.elements?.some((one) => binds(one, name)) === true;
    case "AssignmentPattern":
      return binds(pattern.left, name);
    case "RestElement":
      return binds(pattern.argument, name);
    case "TSParameterProperty":
      return binds(pattern.parameter, name);
    default:
      return false;
  }
}

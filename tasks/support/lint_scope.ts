/** Which names are bound around a node of the linter's tree. */

/** A node seen from outside; what is not there is `undefined`. */
interface Loose {
  readonly type: string;
  readonly name?: string;
  readonly parent?: Loose;
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

/** Whether the name stands for something of the file itself, not for the global of that name. */
export function isShadowed(node: Deno.lint.Identifier): boolean {
  const start = node as unknown as Loose;
  for (let around = start.parent; around !== undefined; around = around.parent) {
    if (isBoundIn(around, node.name)) return true;
    if (around.type === "Program") break;
  }
  return false;
}

/** Whether a node opens a scope in which `name` is bound. */
function isBoundIn(scope: Loose, name: string): boolean {
  if (scope.params?.some((param) => binds(param, name)) === true) return true;
  switch (scope.type) {
    case "Program":
    case "BlockStatement":
    case "StaticBlock":
      return (scope.body as readonly Loose[]).some((statement) => declares(statement, name));
    case "ForStatement":
      return declares(scope.init, name);
    case "ForOfStatement":
    case "ForInStatement":
      return declares(scope.left, name);
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
function declares(statement: Loose | null | undefined, name: string): boolean {
  switch (statement?.type) {
    case "VariableDeclaration":
      return statement.declarations?.some((one) => binds(one.id, name)) === true;
    case "ImportDeclaration":
      return statement.specifiers?.some((one) => binds(one.local, name)) === true;
    case "ExportNamedDeclaration":
      return declares(statement.declaration, name);
    case "FunctionDeclaration":
    case "ClassDeclaration":
    case "TSEnumDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      return binds(statement.id, name);
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

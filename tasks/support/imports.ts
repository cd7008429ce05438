/** The imports of a module, and what else names one, read by the TypeScript parser. */
import ts from "typescript";

export interface Import {
  /** What is imported, as written; `null` where it is computed. */
  readonly specifier: string | null;
  /** `type` leaves nothing in the program that runs. */
  readonly kind: "value" | "type";
  readonly isDynamic: boolean;
  /** From 1. */
  readonly line: number;
}

/** What a piece of code imports. */
interface Found {
  /** What names it; `undefined` where nothing does. */
  readonly from: ts.Node | undefined;
  readonly kind: Import["kind"];
}

/**
 * All imports and re-exports of a module, the modules it names to start or to find them (workers,
 * addresses beside its own), and those that comments name, in the order of the text.
 */
export function readImports(file: string, text: string): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  for (const { fileName, pos } of [...source.referencedFiles, ...source.typeReferenceDirectives]) {
    imports.push({ specifier: fileName, kind: "type", isDynamic: false, line: lineOf(pos) });
  }
  const visit = (node: ts.Node): void => {
    const found = isCall(node) ? findInCall(node) : findInDeclaration(node);
    if (found !== null) {
      const { from, kind } = found;
      imports.push({
        specifier: from !== undefined && ts.isStringLiteralLike(from) ? from.text : null,
        kind,
        isDynamic: isCall(node),
        line: lineOf(node.getStart(source)),
      });
    }
    for (const child of node.getChildren(source)) visit(child); // JSDoc comments too
  };
  visit(source);
  return imports;
}

type Call = ts.CallExpression | ts.NewExpression;

function isCall(node: ts.Node): node is Call {
  return ts.isCallExpression(node) || ts.isNewExpression(node);
}

function findInDeclaration(node: ts.Node): Found | null {
  if (ts.isImportDeclaration(node)) {
    const isType = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return { from: node.moduleSpecifier, kind: isType ? "type" : "value" };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { from: node.moduleSpecifier, kind: node.isTypeOnly ? "type" : "value" };
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    const { expression } = node.moduleReference;
    return { from: expression, kind: node.isTypeOnly ? "type" : "value" };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { from: node.argument.literal, kind: "type" };
  }
  return ts.isJSDocImportTag(node) ? { from: node.moduleSpecifier, kind: "type" } : null;
}

/** `import(…)`, `require(…)`, and what makes a module's address or starts it. */
function findInCall(node: Call): Found | null {
  const [first, second] = node.arguments ?? [];
  const found: Found = { from: first, kind: "value" };
  if (ts.isNewExpression(node)) {
    if (isNamed(node.expression, "URL")) return isOfModule(second, "url") ? found : null;
    const isOpen = first === undefined || !isCall(first) || findInCall(first) === null;
    return isNamed(node.expression, "Worker") && isOpen ? found : null;
  }
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword ||
    isNamed(node.expression, "require") || isOfModule(node.expression, "resolve");
  return isImport ? found : null;
}

function isNamed(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}

/** `import.meta.NAME` */
function isOfModule(node: ts.Node | undefined, name: string): boolean {
  return node !== undefined && ts.isPropertyAccessExpression(node) && node.name.text === name &&
    ts.isMetaProperty(node.expression);
}

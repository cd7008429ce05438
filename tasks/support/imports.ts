/** The imports of a module, read by the TypeScript parser. */
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

/** All imports and re-exports of a module, in the order of the text. */
export function readImports(file: string, text: string): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const add = (node: ts.Node, from: ts.Node | undefined, kind: Import["kind"]) => {
    imports.push({
      specifier: from !== undefined && ts.isStringLiteralLike(from) ? from.text : null,
      kind,
      isDynamic: ts.isCallExpression(node),
      line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1,
    });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const isType = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
      add(node, node.moduleSpecifier, isType ? "type" : "value");
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      add(node, node.moduleSpecifier, node.isTypeOnly ? "type" : "value");
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal, "type");
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], "value");
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}

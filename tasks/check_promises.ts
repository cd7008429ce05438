/**
 * Finds floating promises: an expression statement whose value is a promise that nobody waits for and
 * whose failure nobody takes care of (`void p` too), and a function that returns a promise where one
 * that returns nothing is expected.
 */
import { relative } from "@std/path";
import ts from "typescript";
import { createProgram, type ProgramOptions } from "./support/program.ts";
import { inRoot, ROOT } from "./support/root.ts";
import { listFiles } from "./support/tree.ts";

/** Diagnostics that mean: the program does not see what Deno sees, so promises may hide. */
const BLIND: ReadonlySet<number> = new Set([
  2304, // cannot find a name
  2305, // a module has no such member
  2307, // cannot find a module
  2318, // cannot find a global type
  2503, // cannot find a namespace
  2792, // cannot find a module, other words
  7016, // no declarations for a module
]);

/** Looks through the given modules. Returns one line per finding, `path:line: what`. */
export async function findFloatingPromises(options: ProgramOptions): Promise<string[]> {
  const program = await createProgram(options);
  const checker = program.getTypeChecker();
  const findings: string[] = [];
  for (const file of options.files) {
    const source = program.getSourceFile(file);
    if (source === undefined) throw new Error(`${file} is not in the program`);
    const say = (position: number, what: string) => {
      const { line } = source.getLineAndCharacterOfPosition(position);
      findings.push(`${relative(options.root, file)}:${line + 1}: ${what}`);
    };
    for (const one of program.getSemanticDiagnostics(source)) {
      if (!BLIND.has(one.code) || file.endsWith(".js")) continue; // the browser's names are unknown
      say(one.start ?? 0, `not seen: ${ts.flattenDiagnosticMessageText(one.messageText, " ")}`);
    }
    const visit = (node: ts.Node): void => {
      if (ts.isExpressionStatement(node) && isFloating(node.expression, checker)) {
        say(node.getStart(source), `floating promise: ${firstLine(node.getText(source))}`);
      }
      if ((ts.isArrowFunction(node) || ts.isFunctionExpression(node)) && isDropped(node, checker)) {
        say(
          node.getStart(source),
          `promise that the caller drops: ${firstLine(node.getText(source))}`,
        );
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return findings;
}

/** Whether the value of an expression, which nobody takes, is a promise without an end. */
function isFloating(expression: ts.Expression, checker: ts.TypeChecker): boolean {
  if (isWrapper(expression)) return isFloating(expression.expression, checker);
  if (ts.isConditionalExpression(expression)) {
    return isFloating(expression.whenTrue, checker) || isFloating(expression.whenFalse, checker);
  }
  if (ts.isBinaryExpression(expression)) {
    if (isAssignment(expression.operatorToken.kind)) return false;
    return isFloating(expression.left, checker) || isFloating(expression.right, checker);
  }
  return isThenable(checker.getTypeAtLocation(expression), checker) &&
    !isHandled(expression, checker);
}

/** `(p)`, `void p`, `p as T`, `p!`: says nothing about what becomes of `p`. */
function isWrapper(
  node: ts.Expression,
): node is ts.ParenthesizedExpression | ts.VoidExpression | ts.AsExpression | ts.NonNullExpression {
  return ts.isParenthesizedExpression(node) || ts.isVoidExpression(node) ||
    ts.isAsExpression(node) || ts.isNonNullExpression(node);
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** `.catch(f)`, `.then(a, b)`, and `.finally(f)` after one of them. */
function isHandled(expression: ts.Expression, checker: ts.TypeChecker): boolean {
  if (!ts.isCallExpression(expression)) return false;
  if (!ts.isPropertyAccessExpression(expression.expression)) return false;
  const { name, expression: receiver } = expression.expression;
  if (!isThenable(checker.getTypeAtLocation(receiver), checker)) return false;
  if (name.text === "catch") return expression.arguments.length >= 1;
  if (name.text === "then") return expression.arguments.length >= 2;
  return name.text === "finally" && isHandled(receiver, checker);
}

/** Whether a function gives a promise to a caller that takes nothing, e.g. a timer. */
function isDropped(
  callback: ts.ArrowFunction | ts.FunctionExpression,
  checker: ts.TypeChecker,
): boolean {
  const own = checker.getSignatureFromDeclaration(callback)?.getReturnType();
  if (own === undefined || !isThenable(own, checker)) return false;
  const wanted = checker.getContextualType(callback)?.getNonNullableType().getCallSignatures() ??
    [];
  return wanted.length > 0 &&
    wanted.every((one) => (one.getReturnType().flags & ts.TypeFlags.Void) !== 0);
}

/** Whether a value of the type may have a method `then`; a list of such values counts as well. */
function isThenable(type: ts.Type, checker: ts.TypeChecker): boolean {
  if (type.isUnion()) return type.types.some((one) => isThenable(one, checker));
  const apparent = checker.getApparentType(type);
  if (checker.isArrayLikeType(apparent)) {
    const element = checker.getIndexTypeOfType(apparent, ts.IndexKind.Number);
    return element !== undefined && isThenable(element, checker);
  }
  const then = checker.getPropertyOfType(apparent, "then");
  if (then === undefined) return false;
  return checker.getTypeOfSymbol(then).getCallSignatures().some((one) => one.parameters.length > 0);
}

function firstLine(text: string): string {
  const [first = "", ...more] = text.split("\n");
  return more.length > 0 ? `${first} …` : first;
}

if (import.meta.main) {
  const files: string[] = [];
  for (const start of ["main.ts", "src", "engine", "tasks"]) {
    for (const path of await listFiles(start, /\.(tsx?|js)$/)) files.push(inRoot(path));
  }
  const findings = await findFloatingPromises({ root: ROOT, files });
  for (const finding of findings) console.error(finding);
  Deno.exit(findings.length === 0 ? 0 : 1);
}

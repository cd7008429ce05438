/** Whether a promise is left alone, by the types of TypeScript's compiler. */
import ts from "typescript";

/** Whether a node is an expression whose value nobody takes. */
export function isLeftAlone(node: ts.Node): node is ts.Expression {
  if (!ts.isExpression(node)) return false;
  const { parent } = node;
  if (ts.isForStatement(parent)) return node === parent.initializer || node === parent.incrementor;
  if (ts.isBinaryExpression(parent)) return isComma(parent) && node === parent.left;
  return ts.isExpressionStatement(parent) || ts.isVoidExpression(parent);
}

/** Whether the value of an expression, which nobody takes, is a promise without an end. */
export function isFloating(expression: ts.Expression, checker: ts.TypeChecker): boolean {
  if (isWrapper(expression)) return isFloating(expression.expression, checker);
  if (ts.isConditionalExpression(expression)) {
    return isFloating(expression.whenTrue, checker) || isFloating(expression.whenFalse, checker);
  }
  if (ts.isBinaryExpression(expression)) {
    if (isAssignment(expression.operatorToken.kind)) return false;
    if (isComma(expression)) return isFloating(expression.right, checker);
    return isFloating(expression.left, checker) || isFloating(expression.right, checker);
  }
  return isThenable(checker.getTypeAtLocation(expression), checker) &&
    !isHandled(expression, checker);
}

/** `(p)`, `p as T`, `p satisfies T`, `p!`: says nothing about what becomes of `p`. */
function isWrapper(
  node: ts.Expression,
): node is
  | ts.ParenthesizedExpression
  | ts.AsExpression
  | ts.SatisfiesExpression
  | ts.NonNullExpression {
  return ts.isParenthesizedExpression(node) || ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) || ts.isNonNullExpression(node);
}

function isComma(node: ts.BinaryExpression): boolean {
  return node.operatorToken.kind === ts.SyntaxKind.CommaToken;
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
  if (name.text === "catch") return isHandler(expression.arguments[0], checker);
  if (name.text === "then") return isHandler(expression.arguments[1], checker);
  return name.text === "finally" && isHandled(receiver, checker);
}

/** Whether an argument is there and a function for certain, not only perhaps. */
function isHandler(argument: ts.Expression | undefined, checker: ts.TypeChecker): boolean {
  if (argument === undefined) return false;
  return membersOf(checker.getTypeAtLocation(argument)).every((one) =>
    (one.flags & ts.TypeFlags.Any) !== 0 || one.getCallSignatures().length > 0
  );
}

/** The types a union is made of; any other type is alone. */
export function membersOf(type: ts.Type): readonly ts.Type[] {
  return type.isUnion() ? type.types : [type];
}

/** Whether a value of the type may have a method `then`; a list of such values counts as well. */
export function isThenable(type: ts.Type, checker: ts.TypeChecker): boolean {
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

/** Functions that give a promise to a caller which takes nothing, e.g. a timer. */
import ts from "typescript";
import { isThenable, membersOf } from "./floating.ts";

/** Whether a node is a function, by name or written out, whose promise its caller drops. */
export function isDropped(node: ts.Node, checker: ts.TypeChecker): boolean {
  return wantedTypes(node, checker).some(takesNothing) &&
    signaturesOf(checker.getTypeAtLocation(node))
      .some((one) => isThenable(one.getReturnType(), checker));
}

/** What is expected where the node stands. */
function wantedTypes(node: ts.Node, checker: ts.TypeChecker): ts.Type[] {
  if (ts.isMethodDeclaration(node) && ts.isObjectLiteralExpression(node.parent)) {
    const around = checker.getContextualType(node.parent);
    return around === undefined ? [] : typesOfMember(node, around, checker);
  }
  if (ts.isMethodDeclaration(node) || ts.isPropertyDeclaration(node)) {
    const clauses = ts.isClassLike(node.parent) ? node.parent.heritageClauses ?? [] : [];
    return clauses.flatMap((clause) => clause.types)
      .flatMap((base) => typesOfMember(node, checker.getTypeAtLocation(base), checker));
  }
  const wanted = ts.isExpression(node) ? checker.getContextualType(node) : undefined;
  return wanted === undefined ? [] : [wanted];
}

/** What `owner` says of the member that `node` declares. */
function typesOfMember(
  node: ts.MethodDeclaration | ts.PropertyDeclaration,
  owner: ts.Type,
  checker: ts.TypeChecker,
): ts.Type[] {
  const name = checker.getSymbolAtLocation(node.name)?.name;
  const member = name === undefined ? undefined : checker.getPropertyOfType(owner, name);
  return member === undefined ? [] : [checker.getTypeOfSymbolAtLocation(member, node)];
}

/** Whether a function is wanted, and only one that returns nothing. */
function takesNothing(wanted: ts.Type): boolean {
  const signatures = signaturesOf(wanted);
  return signatures.length > 0 &&
    signatures.every((one) => (one.getReturnType().flags & ts.TypeFlags.Void) !== 0);
}

function signaturesOf(type: ts.Type): ts.Signature[] {
  return membersOf(type).flatMap((one) => one.getCallSignatures());
}

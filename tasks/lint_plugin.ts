/**
 * Bans the platform words: outside `src/platform` and the browser module nobody in `src` reaches for
 * the system, the clock, chance, the network or the terminal. They come in through the ports.
 */
import { isShadowed } from "./support/lint_scope.ts";
import { inRoot } from "./support/root.ts";

/** Globals that are banned whole. */
const BANNED: ReadonlySet<string> = new Set([
  ...["Deno", "process", "Buffer", "navigator"],
  ...["globalThis", "global", "self"],
  ...["setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  ...["setImmediate", "clearImmediate", "performance"],
  ...["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "BroadcastChannel"],
  ...["console", "prompt", "alert", "confirm", "reportError"],
  ...["localStorage", "sessionStorage", "caches"],
  ...["Worker", "eval"],
]);

/** Globals of which some members are banned; they may not be handed around either. */
const BANNED_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Date: ["now"],
  Math: ["random"],
  crypto: ["randomUUID", "getRandomValues"],
  AbortSignal: ["timeout"],
  Temporal: ["Now"],
  Function: [], // only what calling it makes: code from text
};

/** Places in which a name is not a reference to a variable: parent's type and its property. */
const NO_REFERENCE: Readonly<Record<string, string>> = {
  MemberExpression: "property",
  Property: "key",
  MethodDefinition: "key",
  PropertyDefinition: "key",
  TSPropertySignature: "key",
  TSMethodSignature: "key",
  TSAbstractMethodDefinition: "key",
  TSAbstractPropertyDefinition: "key",
  TSEnumMember: "id",
  TSInterfaceDeclaration: "id",
  TSTypeAliasDeclaration: "id",
  TSQualifiedName: "right",
  MetaProperty: "property",
};

/** What stands around a value and changes nothing about it. */
const VALUE_WRAPPERS: ReadonlySet<string> = new Set([
  "TSAsExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
]);

/** Whether the words are banned in a file; `path` is absolute. */
function isInScope(path: string): boolean {
  const source = inRoot("src") + "/";
  if (!path.startsWith(source)) return false;
  const file = path.slice(source.length);
  if (/^(platform|shims)\//.test(file)) return false;
  return !/^web\/ui\/browser\/\w+\.js$/.test(file); // modules that run in the browser only
}

/** A node seen from outside: the plugin looks at names, not at shapes. */
type Parts = { readonly type: string } & Readonly<Record<string, unknown>>;

function isReference(node: Deno.lint.Identifier): boolean {
  const parent = node.parent as unknown as Parts;
  if (/^(Im|Ex)port\w*Specifier$/.test(parent.type)) return false; // names of modules, no globals
  return parent[NO_REFERENCE[parent.type] ?? ""] !== node || parent["computed"] === true;
}

/** The banned word that this mention of a partly banned global amounts to; `null` when it is fine. */
function bannedUse(node: Deno.lint.Identifier): string | null {
  const parent = node.parent as unknown as Parts;
  const members = BANNED_MEMBERS[node.name] ?? [];
  switch (parent.type) {
    case "MemberExpression": {
      const property = parent["property"] as Deno.lint.Expression;
      if (parent["computed"] === true || property.type !== "Identifier") return `${node.name}[…]`;
      return members.includes(property.name) ? `${node.name}.${property.name}` : null;
    }
    case "NewExpression": {
      if (parent["callee"] !== node) return node.name;
      const isGivenTime = node.name === "Date" && (parent["arguments"] as unknown[]).length > 0;
      return isGivenTime ? null : `new ${node.name}()`;
    }
    case "CallExpression":
      return `${node.name}(…)`;
    case "BinaryExpression":
      return parent["operator"] === "instanceof" ? null : node.name;
    default:
      return parent.type.startsWith("TS") && !VALUE_WRAPPERS.has(parent.type) ? null : node.name;
  }
}

const plugin: Deno.lint.Plugin = {
  name: "ai-engine",
  rules: {
    "platform-words": {
      create(context) {
        if (!isInScope(context.filename)) return {};
        const report = (node: Deno.lint.Node, word: string) =>
          context.report({
            node,
            message: `\`${word}\` is a platform word`,
            hint: "Take it in through a port of src/core/ports.ts; src/platform implements them.",
          });
        return {
          Identifier(node) {
            const isPartly = Object.hasOwn(BANNED_MEMBERS, node.name);
            if (!isPartly && !BANNED.has(node.name)) return;
            if (!isReference(node) || isShadowed(node)) return;
            const word = isPartly ? bannedUse(node) : node.name;
            if (word !== null) report(node, word);
          },
          Literal(node) {
            if (typeof node.value === "string" && /^node:\w/.test(node.value)) {
              report(node, node.value);
            }
          },
        };
      },
    },
  },
};

export default plugin;

/** Certificates for tests, made by openssl: an authority, and one of its for localhost. */

export interface Certified extends AsyncDisposable {
  readonly dir: string;
  /** Of the authority, PEM. */
  readonly authority: string;
  readonly authorityFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** Certificate and key of localhost and 127.0.0.1, PEM. */
  readonly server: { readonly cert: string; readonly key: string };
}

export async function certified(): Promise<Certified> {
  const dir = await Deno.makeTempDir();
  const at = (name: string) => `${dir}/${name}`;
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await openssl(
    ...["req", "-x509", ...key, "-days", "2", "-subj", "/CN=Test authority"],
    ...["-keyout", at("ca.key"), "-out", at("ca.pem")],
    ...["-addext", "basicConstraints=critical,CA:TRUE"],
  );
  await openssl(
    ...["req", ...key, "-subj", "/CN=localhost"],
    ...["-keyout", at("key.pem"), "-out", at("request.pem")],
  );
  await Deno.writeTextFile(at("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  await openssl(
    ...["x509", "-req", "-in", at("request.pem"), "-days", "2", "-extfile", at("names")],
    ...["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-out", at("cert.pem")],
  );
  return {
    dir,
    authority: await Deno.readTextFile(at("ca.pem")),
    authorityFile: at("ca.pem"),
    certFile: at("cert.pem"),
    keyFile: at("key.pem"),
    server: {
      cert: await Deno.readTextFile(at("cert.pem")),
      key: await Deno.readTextFile(at("key.pem")),
    },
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

/** Runs it; throws what it says when it fails. */
export async function openssl(...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args: [...args] }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

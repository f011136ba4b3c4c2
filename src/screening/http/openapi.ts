/** The OpenAPI 3.1 document, written from the table of routes and the schemas that check requests. */
import { z } from 'zod';
import type { Route } from './routes.ts';
import { answers } from './schemas.ts';

const reference = (name: string): string => `#/components/schemas/${name}`;

function components(): Record<string, object> {
  const named = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(answers)) named.add(schema, { id });
  const { schemas } = z.toJSONSchema(named, { uri: reference, io: 'output' });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutAddress(schema)]));
}

/** Within the document a schema is named by where it stands. */
function withoutAddress<T extends { $id?: string; $schema?: string }>(schema: T): T {
  const copy = { ...schema };
  delete copy.$id;
  delete copy.$schema;
  return copy;
}

/** Of requests: as it comes in, with defaults left out. */
function jsonSchemaOf(schema: z.ZodType) {
  return withoutAddress(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}

function parametersOf({ params, query }: Route): object[] {
  const list = (where: string, schema: z.ZodType | undefined): object[] => {
    const { properties = {}, required = [] } = jsonSchemaOf(schema ?? z.object({}));
    return Object.entries(properties).map(([name, schema]) => ({
      name,
      in: where,
      required: where === 'path' || required.includes(name),
      schema,
    }));
  };
  return [...list('path', params), ...list('query', query)];
}

function bodyOf({ body, upload }: Route): object {
  if (upload) {
    const file = { type: 'string', format: 'binary' };
    const schema = { type: 'object', properties: { file }, required: ['file'], additionalProperties: false };
    return { requestBody: { required: true, content: { 'multipart/form-data': { schema } } } };
  }
  return body
    ? { requestBody: { required: true, content: { 'application/json': { schema: jsonSchemaOf(body) } } } }
    : {};
}

function successOf({ answer, status, summary }: Route): object {
  const code = status ?? 200;
  if (answer === undefined) return { [code]: { description: 'Done' } };
  const content =
    typeof answer === 'string'
      ? { [answer]: {} }
      : {
          'application/json': {
            schema:
              answer.length === 1
                ? { $ref: reference(answer[0]!) }
                : { anyOf: answer.map((name) => ({ $ref: reference(name) })) },
          },
        };
  return { [code]: { description: summary, content } };
}

const problem = (description: string): object => ({
  description,
  content: { 'application/json': { schema: { $ref: reference('Problem') } } },
});

const busy = { headers: { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds.' } } };

function problemsOf({ role, params, query, body, upload }: Route): object {
  return {
    ...(params || query || body || upload ? { 400: problem('Not as described here') } : {}),
    ...(role === 'anyone'
      ? body
        ? { 401: problem('No valid key') }
        : {}
      : { 401: problem('No valid key'), 403: problem('Not with this role, or not from this page') }),
    ...(params
      ? {
          404: problem('Not there, or not yours'),
          409: problem('Decided already, not all of it seen, said otherwise before, or on hold'),
          410: problem('Its bytes are deleted'),
        }
      : {}),
    ...(upload ? { 413: problem('Too large'), 415: problem('Not multipart/form-data, or markup') } : {}),
    429: { ...problem('Too many requests'), ...busy },
    503: { ...problem('No room at the moment'), ...busy },
    default: problem('Asked under another name or from another page, or a fault of the service'),
  };
}

export function openApiOf(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path]![route.method.toLowerCase()] = {
      summary: route.summary,
      description: route.role === 'anyone' ? 'For anyone.' : `For a ${route.role} or more.`,
      ...(route.role === 'anyone' ? { security: [] } : {}),
      parameters: parametersOf(route),
      ...bodyOf(route),
      responses: { ...successOf(route), ...problemsOf(route) },
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'masque screening',
      version: '1',
      description:
        'Takes in media files, says what detectors of deepfakes find in them, and lets people decide about what is in quarantine.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { session: [], token: [] }],
    paths,
    components: {
      schemas: components(),
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'X-API-KEY' },
        session: { type: 'apiKey', in: 'cookie', name: 'masque-session' },
        token: { type: 'apiKey', in: 'header', name: 'X-CSRF-TOKEN' },
      },
    },
  };
}

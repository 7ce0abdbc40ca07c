import type { RouteAccess } from '../../../api/access/routeAccess.ts';
import type { JsonSchema } from './sampleOf.ts';

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie';
  required?: boolean;
  schema: JsonSchema;
}

interface OperationObject {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  'x-parley-access'?: RouteAccess;
}

/** One route as the OpenAPI document tells of it. */
export interface Operation {
  /** E.g. `GET /v1/admin/sites/{id}`. */
  name: string;
  method: string;
  path: string;
  access: RouteAccess | undefined;
  pathParameters: Parameter[];
  queryParameters: Parameter[];
  body: JsonSchema | undefined;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Every route that a running API describes at /docs/json. */
export async function readOperations(url: string): Promise<Operation[]> {
  const response = await fetch(`${url}/docs/json`);
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, OperationObject>> };
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [toOperation(method.toUpperCase(), path, operation)] : [];
    }),
  );
}

function toOperation(method: string, path: string, operation: OperationObject): Operation {
  const parameters = operation.parameters ?? [];
  return {
    name: `${method} ${path}`,
    method,
    path,
    access: operation['x-parley-access'],
    pathParameters: parameters.filter((parameter) => parameter.in === 'path'),
    queryParameters: parameters.filter((parameter) => parameter.in === 'query'),
    body: operation.requestBody?.content['application/json']?.schema,
  };
}

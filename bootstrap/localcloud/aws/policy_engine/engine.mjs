// Evaluates AWS policies for the guard: one JSON request a line on stdin, one JSON answer a line on stdout.
// It knows nothing about requests, sessions or keys: the guard names principal, action, resource and context.
//
// `runUnsafeSimulation` is "unsafe" in that it takes the request as it is. The checked variant drops the condition
// keys of issuers with a port, so it would refuse every local cluster. Policies are validated here all the same, and
// one with errors allows nothing.
import { createInterface } from 'node:readline'
import {
  createValidatedPolicy,
  validateIdentityPolicy,
  validateResourcePolicy,
  validateTrustPolicy
} from '@cloud-copilot/iam-policy'
import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate'

const validators = { identity: validateIdentityPolicy, resource: validateResourcePolicy, trust: validateTrustPolicy }

function checked(policy, kind, name) {
  const validated = createValidatedPolicy(policy, validators[kind], { name })
  if (validated.errors.length > 0) {
    throw new Error(`policy ${name} is malformed: ${validated.errors[0].path}: ${validated.errors[0].message}`)
  }
  return validated
}

function evaluate({ principal, action, resource, account, context, identityPolicies, resourcePolicy, resourceKind }) {
  return runUnsafeSimulation(
    {
      request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
      identityPolicies: identityPolicies.map(({ name, policy }) => ({
        name,
        policy: checked(policy, 'identity', name)
      })),
      resourcePolicy: resourcePolicy ? checked(resourcePolicy, resourceKind, 'resource') : undefined,
      serviceControlPolicies: [],
      resourceControlPolicies: []
    },
    {}
  )
}

function answer(request) {
  if (request.validate) {
    return { errors: validators[request.validate](request.policy).map(({ path, message }) => `${path}: ${message}`) }
  }
  return { results: request.evaluate.map(evaluate) }
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply
  try {
    reply = answer(JSON.parse(line))
  } catch (error) {
    reply = { error: error.message }
  }
  process.stdout.write(JSON.stringify(reply) + '\n')
}

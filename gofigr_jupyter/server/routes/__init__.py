"""HTTP, one file a family: read the request, ask policy, call the store, answer in the wire's shapes."""

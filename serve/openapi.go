package serve

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// The description at /openapi.json is made of the routes, and of the types that are read and written: it cannot tell of others.

// object is a JSON object.
type object = map[string]any

// describe returns the description of routes, as OpenAPI 3.1 has it.
func describe(routes []Route, version string) []byte {
	d := &describer{schemas: object{}}
	paths := object{}
	for i := range routes {
		r := &routes[i]
		path := strings.ReplaceAll(r.Path, "...}", "}")
		item, _ := paths[path].(object)
		if item == nil {
			item = object{}
			paths[path] = item
		}
		item[strings.ToLower(r.Method)] = d.operation(r)
	}
	all := object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Elman", "version": cmp.Or(version, "devel"),
			"description": "Recurrent language models: completions as OpenAI's API has them, a tokenizer as vLLM's server has it, surprisal, predictions and kept states.",
		},
		"paths":      paths,
		"components": object{"schemas": d.schemas, "securitySchemes": object{"key": object{"type": "http", "scheme": "bearer"}}},
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err) // all of it is text
	}
	return append(text, '\n')
}

type describer struct{ schemas object }

func (d *describer) operation(r *Route) object {
	op := object{"summary": r.Summary, "operationId": operationID(r)}
	var parameters []object
	for _, part := range strings.Split(r.Path, "/") {
		if strings.HasPrefix(part, "{") {
			parameters = append(parameters, object{"name": strings.Trim(part, "{}."), "in": "path", "required": true, "schema": object{"type": "string"}})
		}
	}
	for _, q := range r.Query {
		parameters = append(parameters, object{"name": q.Name, "in": "query", "description": q.Doc, "schema": object{"type": "string"}})
	}
	if parameters != nil {
		op["parameters"] = parameters
	}
	if r.Request != nil {
		op["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": d.schema(reflect.TypeOf(r.Request))}}}
	}
	op["responses"] = object{"200": d.answer(r), "default": object{"description": "what is wrong",
		"content": object{"application/json": object{"schema": d.schema(reflect.TypeFor[errorBody]())}}}}
	op["security"] = []object{{"key": []string{}}}
	if r.Open {
		op["security"] = []object{}
	}
	return op
}

func (d *describer) answer(r *Route) object {
	content := object{}
	if r.Answer != nil {
		content["application/json"] = object{"schema": d.schema(reflect.TypeOf(r.Answer))}
	}
	if r.Events {
		content["text/event-stream"] = object{"schema": object{"type": "string", "description": "with stream: events whose data are such objects, at the end [DONE]"}}
	}
	if r.Type != "" {
		content[r.Type] = object{"schema": object{"type": "string"}}
	}
	if len(content) == 0 {
		return object{"description": "done"}
	}
	return object{"description": "the answer", "content": content}
}

// operationID returns a name for a route: getV1ModelsId.
func operationID(r *Route) string {
	id := strings.ToLower(r.Method)
	for _, part := range strings.FieldsFunc(r.Path, func(c rune) bool { return strings.ContainsRune("/{}._", c) }) {
		id += strings.ToUpper(part[:1]) + part[1:]
	}
	return id
}

// A schemer says itself what values of a type are in JSON.
type schemer interface{ schema() object }

// schema returns the schema of a type. Structs are named, and described once.
func (d *describer) schema(t reflect.Type) object {
	if t.Kind() != reflect.Pointer && t.Implements(reflect.TypeFor[schemer]()) {
		return reflect.Zero(t).Interface().(schemer).schema()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.schema(t.Elem())
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice, reflect.Array:
		return object{"type": "array", "items": d.schema(t.Elem())}
	case reflect.Map:
		if t.Elem().Kind() == reflect.Interface {
			return object{"type": "object"}
		}
		return object{"type": "object", "additionalProperties": d.schema(t.Elem())}
	case reflect.Struct:
		if _, ok := d.schemas[t.Name()]; !ok {
			d.schemas[t.Name()] = object{} // of a type that has itself in it
			d.schemas[t.Name()] = d.fields(t)
		}
		return object{"$ref": "#/components/schemas/" + t.Name()}
	case reflect.Interface:
		return object{}
	}
	return object{"type": "integer"}
}

// fields returns the schema of a struct.
func (d *describer) fields(t reflect.Type) object {
	properties, required := object{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" || !f.IsExported() {
			continue
		}
		schema := d.schema(f.Type)
		if optional := strings.Contains(options, "omit"); !optional {
			required = append(required, name)
			if f.Type.Kind() == reflect.Pointer { // may be null
				schema = object{"anyOf": []object{schema, {"type": "null"}}}
			}
		}
		if doc := f.Tag.Get("doc"); doc != "" {
			if schema["$ref"] != nil {
				schema = object{"allOf": []object{schema}}
			}
			schema["description"] = doc
		}
		properties[name] = schema
	}
	all := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		slices.Sort(required)
		all["required"] = required
	}
	return all
}

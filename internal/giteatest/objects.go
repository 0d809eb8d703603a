package giteatest

import (
	"bytes"
	"encoding/json"
)

// Objects changes each object of a JSON answer, the inner ones first. What is no JSON
// stays as it is.
func Objects(answer []byte, change func(map[string]any)) []byte {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	if !json.Valid(answer) || decoder.Decode(&value) != nil {
		return answer
	}
	objects(value, change)
	changed, err := json.Marshal(value)
	if err != nil {
		return answer
	}
	return changed
}

func objects(value any, change func(map[string]any)) {
	switch v := value.(type) {
	case []any:
		for _, each := range v {
			objects(each, change)
		}
	case map[string]any:
		for _, each := range v {
			objects(each, change)
		}
		change(v)
	}
}

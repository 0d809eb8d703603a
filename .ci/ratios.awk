# Reads go test's benchmark lines and prints, for each benchmark with both a
# stock and an ours part, how many times faster ours is.
$1 ~ /^Benchmark/ && $4 == "ns/op" {
	name = $1
	sub(/-[0-9]+$/, "", name)
	if (name ~ /\/stock(\/|$)/) {
		sub(/\/stock/, "", name)
		stock[name] = $3
	} else if (name ~ /\/ours(\/|$)/) {
		sub(/\/ours/, "", name)
		ours[name] = $3
		order[++n] = name
	}
}
END {
	for (i = 1; i <= n; i++) {
		name = order[i]
		if (name in stock)
			printf "%-60s ours is %.1f times as fast as stock\n", name, stock[name] / ours[name]
	}
}

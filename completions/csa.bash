# shellcheck shell=bash
# Completion of the command lines of csa and weave, for bash 4.4 or later.
#
# dev/install puts it into share/bash-completion/completions, where the package
# bash-completion finds it. Without that package, source it in ~/.bashrc.
#
# It offers what --help prints, read at each TAB: commands, options, and for a
# value or an operand what its name stands for. So a new command or option needs
# nothing here. At most two calls of csa.

# Reads the help of csa, of its command $2, or of weave, and in it what follows
# options.
_csa_ask() {
  help=$("$@" --help 2>/dev/null) || return
  operand=${help#*'[OPTION]... '}
  operand=${operand%%$'\n'*}
}

# Sets `value` to the name of what option $1 takes and `text` to what follows,
# as in "  -n, --number N    list the newest N"; to nothing where there is none.
# One that may be left out, as in "--project[=DIR]", begins with "=".
_csa_look_up() {
  local before=$'\n  (-., )?' after=$'(, --[a-z-]+)?[ [](=?[A-Z][A-Z=]*)]? +([^\n]*)'
  [[ $help =~ $before"$1"$after ]]
  value=${BASH_REMATCH[3]} text=${BASH_REMATCH[4]}
}

# bash gives the text to be completed as $2.
_csa() {
  # bash splits words, "--format=json" say, at these characters.
  local words=() word current=''
  for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ $word == [=:@]* || $current == *[=:@] ]]; then words[-1]+=$word
    else words+=("$word"); fi
    current=${words[-1]}
  done

  # What may stand before a command; its own help then takes the place of this.
  local help=$'\n  --cd DIR  \n  --format FORMAT  '
  local command='' asked='' operand option='' options=true value text
  [[ $1 != *weave ]] || { command=weave; _csa_ask weave || return; }
  for word in "${words[@]:1:${#words[@]}-2}"; do
    if [[ $option ]]; then option=''
    elif [[ $word == -- ]]; then options=false
    elif $options && [[ $word == -* ]]; then
      _csa_look_up "$word"
      [[ ! $value || $value == =* ]] || option=$word
    elif [[ ! $command && $word == @(help|session) ]]; then asked+=$word
    elif [[ ! $command ]]; then
      [[ $asked != *help* ]] || return
      command=$word
      _csa_ask csa "$command" || return
    elif [[ $operand == *' | '* ]]; then
      # It chooses among several: what follows it.
      operand=" | $operand | "
      operand=${operand#*" | $word "} operand=${operand%%'| '*}
    elif [[ $operand == *COMMAND* ]]; then
      options=false operand=FILE  # or whatever that command takes
    fi
  done
  [[ $command ]] || _csa_ask csa || return

  if $options && [[ ! $option && $current == --*=* ]]; then
    option=${current%%=*}
  fi
  value=$operand text=''
  if [[ $option ]]; then _csa_look_up "$option"
  elif $options && [[ $current == -* ]]; then value=OPTION; fi

  local offered='' state=()
  case $value in
    OPTION) offered=$(sed -nE 's/^  (-., )?(--[a-z-]+).*/\2/p' <<<"$help") ;;
    *' | '*) offered=$(cut -d ' ' -f 1 <<<"${value// | /$'\n'}" | sort -u) ;;
    *COMMAND*)
      [[ ! $command ]] ||
        { mapfile -t COMPREPLY < <(compgen -c -- "$2"); return; }
      offered=$(sed -nE 's/^  ([a-z][a-z-]*) .*/\1/p' <<<"$help")
      [[ $asked ]] || offered+=' help session'
      ;;
    *DIR*) compopt -o dirnames ;;
    *FILE* | *PROMPT*) compopt -o default ;;
    *ID*)
      [[ $command != @(wait|kill|attach) ]] || state=(--all --state running)
      # The first column without its heading: short ids, the ends of ids.
      offered=$(csa list "${state[@]}" 2>/dev/null | sed '1d; s/ .*//')
      set -- "$1" "${2^^}"
      ;;
    [[:lower:]]*) offered=$value ;; # a word to be given as it is
    NAME)
      [[ $option != --pattern ]] ||
        offered=$(csa plan list 2>/dev/null | sed 's/ .*//')
      ;;
    *)
      # Help such as "text or json: print the result as …".
      [[ ! $text =~ ^([a-z_, -]+)\ or\ ([a-z_]+): ]] ||
        offered="${BASH_REMATCH[1]//,/} ${BASH_REMATCH[2]}"
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$2")
}

complete -F _csa csa weave

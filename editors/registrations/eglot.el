;;; eglot.el --- codeplan in eglot-server-programs -*- lexical-binding: t; -*-

;; In eglot's own list "codeplan-server" is one more of the alternatives for Python, which eglot
;; offers when several are installed. Here the entry is put in front of the list, so that loading
;; this file has the same effect.

(require 'eglot)

(add-to-list 'eglot-server-programs
             `((python-mode python-ts-mode)
               . ,(eglot-alternatives
                   '("codeplan-server" "pylsp" "pyls" ("pyright-langserver" "--stdio")
                     "jedi-language-server" ("ruff" "server")))))

;;; eglot.el ends here

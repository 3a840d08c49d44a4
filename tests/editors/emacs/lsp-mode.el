;;; lsp-mode.el --- codeplan through lsp-mode -*- lexical-binding: t; -*-

;; A command edits; code actions are offered and edit; a plan is chosen.

(require 'lsp-mode)
(setq lsp-auto-guess-root t
      lsp-warn-no-matched-clients nil
      lsp-enable-file-watchers nil
      lsp-session-file (expand-file-name "session" (getenv "SPEC_FOLDER"))
      lsp-response-timeout spec-seconds)
(codeplan-lsp-setup)
(defvar spec-settings-backend (plist-get (spec-settings) :backend))
(lsp-register-custom-settings
 `(("codeplan.backend.kind" ,(plist-get spec-settings-backend :kind))
   ("codeplan.backend.model" ,(plist-get spec-settings-backend :model))
   ("codeplan.search.plans" 3)
   ("codeplan.search.samples" 3)
   ("codeplan.search.memory" nil t)))

(defun spec-run ()
  (let ((text (spec-text)))
    (lsp)
    (spec-wait "server" (lambda () (and (lsp-workspaces)
                                        (cl-every (lambda (one)
                                                    (eq 'initialized (lsp--workspace-status one)))
                                                  (lsp-workspaces)))))
    (spec-go "def total")
    (codeplan-plan)
    (spec-wait "edit" (lambda () (not (equal (spec-text) text))))
    (spec-same (spec-text)
               (replace-regexp-in-string "    \\.\\.\\. # total\n" "    return sum(numbers)\n" text)
               "after codeplan-plan")
    (spec-told "total: passed")
    (spec-go "def half")
    (spec-choosing "Plan then code"
                   (lambda ()
                     (call-interactively 'lsp-execute-code-action)
                     (spec-wait "edit" (lambda () (string-match-p "return number // 2" (spec-text))))))
    (lsp-workspace-shutdown (car (lsp-workspaces)))))
